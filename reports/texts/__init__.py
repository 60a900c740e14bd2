"""Every text that a reader sees, by language: one folder of .po files a language, one file for each subject.

A text is named `subject.key` (`breadth.note_implied` is `note_implied` of `breadth.po`). The SQL of `reports.*` gets the
same texts as $en and $zh, so that nothing is written twice.
"""

from reports.texts.catalogue import LANGUAGES, Catalogue, catalogue_in_language, text_for_key, texts_for_sql

__all__ = ["LANGUAGES", "Catalogue", "catalogue_in_language", "text_for_key", "texts_for_sql"]
