"""One catalogue a language, with the same keys; numbers as the language writes them."""

from __future__ import annotations

import re
import string
from importlib import resources
from pathlib import Path

import pytest

import jibek.present
from jibek import read_corridor
from jibek.corridor import TABLES
from jibek.present.figures import GRADES, MOVING, STATUSES, WAITING
from jibek.present.flow_maps import LOADS
from jibek.present.inputs import FORECASTS
from jibek.present.language import language_of

LANGUAGES = ("en", "ru")
FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many"}}
SOURCE = Path(jibek.present.__file__).parent


def fields(message: str) -> set[tuple[str, str]]:
    return {(name, spec) for _, name, spec, _ in string.Formatter().parse(message) if name}


def test_languages_have_the_same_keys() -> None:
    english, russian = (set(language_of(code).messages) for code in LANGUAGES)
    assert english == russian


def test_messages_have_the_same_fields() -> None:
    english, russian = (language_of(code).messages for code in LANGUAGES)
    for key, message in english.items():
        if isinstance(message, str):
            names = {name for name, _ in fields(message)}
            assert names == {name for name, _ in fields(russian[key])}, key


@pytest.mark.parametrize("code", LANGUAGES)
def test_nouns_have_the_forms_of_their_language(code: str) -> None:
    for key, forms in language_of(code).messages.items():
        if key.startswith("noun."):
            assert FORMS[code] <= set(forms), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_nouns_named_in_messages_exist(code: str) -> None:
    messages = language_of(code).messages
    for message in messages.values():
        for _, spec in fields(message) if isinstance(message, str) else ():
            assert not spec.startswith("noun.") or spec in messages


def test_every_key_in_the_templates_exists() -> None:
    templates = [path.read_text() for path in sorted((SOURCE / "templates").iterdir())]
    keys = {key for text in templates for key in re.findall(r'\bt\("([a-z_.]+)"[,)]', text)}
    assert len(keys) > 50
    assert keys <= set(language_of("en").messages)


@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        ("part", (*MOVING, *WAITING)),
        ("status", STATUSES),
        ("grade", GRADES),
        ("forecast", ("observed", *FORECASTS)),
        ("load", ("load_unknown", *(name for _, name in LOADS))),
        ("measure", ("tonnes", "tonne_km", "kg_co2", "delay_usd", "delay_tonne_hours", "payments_usd")),
        ("change", ("lost", "gained", "only_before", "only_after")),
        ("table", tuple(sorted(set(TABLES) - {"evidence", "sources"}))),
    ],
)
def test_every_category_has_a_word(prefix: str, values: tuple[str, ...]) -> None:
    assert {f"{prefix}.{value}" for value in values} <= set(language_of("ru").messages)


def test_names_belong_to_known_kinds() -> None:
    kinds = {"corridor", "disruption", "payee", "place", "preference", "resource", "series", "service", "title"}
    assert {key.split(".")[0] for key in language_of("ru").names} == kinds


def test_catalogues_are_package_data() -> None:
    assert (resources.files("jibek.present") / "messages" / "en.yaml").is_file()


@pytest.mark.parametrize(
    ("value", "english", "russian"),
    [
        (1234567.0, "1\u202f234\u202f567", "1\u202f234\u202f567"),
        (4.119, "4.119", "4,119"),
        (106.3, "106.3", "106,3"),
        (0.0, "0", "0"),
        (-2.5, "\u22122.5", "\u22122,5"),
        (None, "–", "–"),
    ],
)
def test_numbers(value: float | None, english: str, russian: str) -> None:
    assert language_of("en").number(value) == english
    assert language_of("ru").number(value) == russian


def test_a_rounded_zero_has_no_sign() -> None:
    assert language_of("en").fixed(-0.001, 1) == "0.0"


@pytest.mark.parametrize(
    ("count", "noun"), [(1, "день"), (2, "дня"), (5, "дней"), (11, "дней"), (21, "день"), (22, "дня"), (111, "дней")]
)
def test_russian_plurals(count: int, noun: str) -> None:
    assert language_of("ru").noun("noun.day", count) == noun


def test_russian_fractions() -> None:
    assert language_of("ru").days(8.1 * 24) == "8,1\u00a0дня"


def test_money() -> None:
    words = language_of("en")
    assert words.usd(3363.7) == "$3\u202f364"
    assert words.money(14e9) == "$14\u00a0billion"
    assert words.money(6.25e6) == "$6.2\u00a0million"


def test_growth_has_a_sign() -> None:
    assert language_of("en").growth(0.34) == "+34%"
    assert language_of("ru").growth(-0.08) == "\u22128,0\u202f%"


def test_names_fall_back_to_the_tables() -> None:
    words = language_of("ru")
    assert words.name("place", "xian", "Xi'an") == "Сиань"
    assert words.name("place", "nowhere", "Nowhere") == "Nowhere"
    assert language_of("en").name("place", "xian", "Xi'an") == "Xi'an"


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        language_of("en").text("no.such.key")


def test_a_number_with_decimals_takes_the_form_of_fractions() -> None:
    assert language_of("ru").days(216.0) == "9,0\u00a0дня"
    assert language_of("ru").days(24.0 * 21) == "21\u00a0день"
    assert language_of("en").days(24.0) == "1.0\u00a0days"


@pytest.mark.parametrize(
    ("value", "english", "russian"),
    [
        (437.4e6, "437\u00a0million\u00a0tonnes", "437\u00a0млн\u00a0тонн"),
        (9_994.0, "9\u202f990\u00a0tonnes", "9\u202f990\u00a0тонн"),
        (12_340.0, "12.3\u00a0thousand\u00a0tonnes", "12,3\u00a0тыс.\u00a0тонн"),
        (999_960_000.0, "1\u00a0billion\u00a0tonnes", "1\u00a0млрд\u00a0тонн"),
        (0.0, "0\u00a0tonnes", "0\u00a0тонн"),
        (None, "–\u00a0tonnes", "–\u00a0тонн"),
    ],
)
def test_amounts_have_three_digits(value: float | None, english: str, russian: str) -> None:
    assert language_of("en").amount(value, "t") == english
    assert language_of("ru").amount(value, "t") == russian


def test_a_range_stands_beside_its_value() -> None:
    words = language_of("en")
    whole = {"value": 3e9, "low": 2e9, "high": 5e9}
    assert words.ranged(whole, words.money, words.money) == "$3\u00a0billion ($2\u00a0billion – $5\u00a0billion)"
    assert words.ranged(whole | {"low": None}, words.money, words.money) == "$3\u00a0billion"


def test_a_change_has_its_sign() -> None:
    words = language_of("en")
    assert [words.change(value, words.count) for value in (2.0, -2.0, 0.0, None)] == ["+2", "\u22122", "0", "–"]


@pytest.mark.parametrize(
    ("kind", "table"), [("place", "places"), ("title", "projects"), ("resource", "resources"), ("service", "services")]
)
def test_whatever_the_embedded_corridor_names_has_a_russian_name(kind: str, table: str) -> None:
    named = language_of("ru").names
    assert [name for name in read_corridor()[table]["id"] if f"{kind}.{name}" not in named] == []
