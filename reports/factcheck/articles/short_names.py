"""Companies as papers shorten their names: "Disney" for Walt Disney. Words that mean anything else besides are not among them."""

from __future__ import annotations

from collections.abc import Mapping

# short name -> what a description of the share may call the company
_FULL_NAMES: dict[str, tuple[str, ...]] = {
    "Disney": ("Walt Disney",), "JPMorgan": ("JP Morgan Chase", "JPMorgan Chase"), "JPMorgan Chase": ("JP Morgan Chase",),
    "Exxon": ("Exxon Mobil", "ExxonMobil"), "Exxon Mobil": ("ExxonMobil",), "Micron": ("Micron Technology",),
    "Lilly": ("Eli Lilly",), "Honeywell": ("Honeywell International",), "Lockheed": ("Lockheed Martin",),
    "Northrop": ("Northrop Grumman",), "Palantir": ("Palantir Technologies",), "Costco": ("Costco Wholesale",),
    "Mondelez": ("Mondelez International",), "Hilton": ("Hilton Worldwide",), "Marriott": ("Marriott International",),
    "Uber": ("Uber Technologies",), "Colgate": ("Colgate-Palmolive",), "Abbott": ("Abbott Laboratories",),
    "Verizon": ("Verizon Communications",), "Schwab": ("Charles Schwab",), "Spotify": ("Spotify Technology",),
    "Chipotle": ("Chipotle Mexican Grill",), "Goldman": ("Goldman Sachs",), "Philip Morris": ("Philip Morris International",),
    "Walgreens": ("Walgreens Boots Alliance",), "Gilead": ("Gilead Sciences",), "Regeneron": ("Regeneron Pharmaceuticals",),
    "Bristol-Myers": ("Bristol-Myers Squibb",), "Harley": ("Harley-Davidson",), "AMD": ("Advanced Micro Devices",),
    "IBM": ("International Business Machines",), "GM": ("General Motors",), "P&G": ("Procter & Gamble",),
    "J&J": ("Johnson & Johnson",), "Booz Allen": ("Booz Allen Hamilton",), "Caesars": ("Caesars Entertainment",),
    "Thermo Fisher": ("Thermo Fisher Scientific",), "Royal Caribbean": ("Royal Caribbean Cruises",),
    "Seagate": ("Seagate Technology",), "Arista": ("Arista Networks",), "Coinbase": ("Coinbase Global",),
    "Robinhood": ("Robinhood Markets",), "Supermicro": ("Super Micro Computer",), "Warner Bros.": ("Warner Bros. Discovery",),
    "Lululemon": ("lululemon athletica",), "Domino's": ("Domino's Pizza",), "DuPont": ("DuPont de Nemours",),
}  # fmt: skip


def short_names(symbols: Mapping[str, str], bearers: Mapping[str, set[str]]) -> dict[str, str]:
    """The symbols by short names in small letters; `symbols` are those by names that one alone bears, `bearers` those by all.

    A short name that begins the name of another company, or is one itself, is of none.
    """
    found = {}
    for short, full_names in _FULL_NAMES.items():
        word = short.casefold()
        meant = {symbols[full.casefold()] for full in full_names if full.casefold() in symbols}
        others = {
            symbol for name, of in bearers.items() if name == word or name.startswith(f"{word} ") for symbol in of
        }
        if len(meant) == 1 and not others - meant:
            found[word] = next(iter(meant))
    return found
