"""No login and no key of an address is shown, and nothing else of it is hidden."""

from __future__ import annotations

import pytest

from warehouse.masking import mask_addresses


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:word@host/x?apikey=K", "http://***@host/x?apikey=***"),
        ("http://user:pa/ss@host/x", "http://***@host/x"),
        ("http://user:pa#ss@host/x?access_token=K&x=1", "http://***@host/x?access_token=***&x=1"),
        ('see "http://u:p@host/y" and a@b.c', 'see "http://***@host/y" and a@b.c'),
        ("https://host:8080/path?q=a@b&symbol=A", "https://host:8080/path?q=a@b&symbol=A"),
    ],
)
def test_logins_and_keys_are_masked(text: str, shown: str) -> None:
    assert mask_addresses(text) == shown
