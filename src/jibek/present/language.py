"""The words and numbers of a language: from message keys and values to text, through one catalogue a language.

A message may hold fields such as ``{hours:days}`` or ``{count:noun.target}``; the part after the colon says how the
value is written. All thousands are set off by a narrow space; the decimal mark is the language's own.
"""

from __future__ import annotations

import csv
import re
import string
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

__all__ = ["Language", "LanguageCode", "language_of"]

LanguageCode = Literal["en", "ru"]
THIN_SPACE = "\u202f"
HARD_SPACE = "\u00a0"
MINUS = "\u2212"
_NUMBER_AND_WORD = re.compile(r"(?<=\d) (?=[а-яё])")  # a line never ends between them
_SCALES = ((1e12, "number.trillion"), (1e9, "number.billion"), (1e6, "number.million"), (1e3, "number.thousand"))
_MONEY = ((1e12, "number.trillion_usd"), (1e9, "number.billion_usd"), (1e6, "number.million_usd"))
_DECIMAL_MARK = {"en": ".", "ru": ","}


class Language(string.Formatter):
    """One language's messages, names and number format.

    Parameters
    ----------
    code
        Language.
    messages
        Text by key; a noun has a mapping from plural form (``one``, ``few``, ``many``, ``other``) to text.
    names
        Own names of places, corridors, promises and projects by ``kind.id``; without one the table's name stands.
    """

    def __init__(self, code: LanguageCode, messages: Mapping[str, Any], names: Mapping[str, str]) -> None:
        self.code = code
        self.messages = messages
        self.names = names
        self._formats: dict[str, Callable[[Any], str]] = {
            "number": self.number,
            "count": self.count,
            "percent": self.percent,
            "growth": self.growth,
            "days": self.days,
            "hours": self.hours,
            "usd": self.usd,
            "money": self.money,
            "km": self.km,
            "tonnes": lambda v: self.amount(v, "t"),
            "teu": lambda v: self.amount(v, "TEU"),
            "ranged_money": lambda v: self.ranged(v, self.money, self.money),
            "ranged_teu": lambda v: self.ranged(v, lambda value: self.amount(value, "TEU"), self.round),
            "year": str,
            "place": lambda v: self.name("place", v).split(" (")[0],
            "corridor": lambda v: self.way(self.name("corridor", v), v["countries"]),
            "title": lambda v: self.name("title", v),
            "resource": lambda v: self.name("resource", v),
            "country": self.country,
            "economy": self.economy,
            "share": self.share,
            "countries": self.countries,
            "mode": self.mode,
            "text": str,
        }

    # text -----------------------------------------------------------------------------------------------------------

    def text(self, key: str, /, **values: object) -> str:
        """Write the message of a key with its fields filled; an unknown key is an error."""
        return self.vformat(str(self.messages[key]), (), values)

    def word(self, key: str, default: str) -> str:
        """Give the message of a key that the data made up, or the default where the catalogue has none."""
        found = self.messages.get(key, default)
        return str(found) if isinstance(found, str) else default

    def noun(self, key: str, count: float) -> str:
        """Give a counted noun in the form that its number asks for (Unicode CLDR plural rules)."""
        forms: Mapping[str, str] = self.messages[key]
        return forms.get(_plural(self.code, count), forms["other"] if "other" in forms else forms["many"])

    def name(self, kind: str, value: str | Mapping[str, str], default: str | None = None) -> str:
        """Name a place, corridor, promise or project in this language.

        A mapping with ``id`` and ``name`` carries the tables' own name along; else ``default`` or the id stands in.
        """
        if isinstance(value, Mapping):
            return self.name(kind, value["id"], value["name"])
        return self.names.get(f"{kind}.{value}", value if default is None else default)

    def way(self, corridor: str, countries: Sequence[str]) -> str:
        """Name the way of a route: its corridor, or where it has none the countries between its first and its last."""
        if corridor != "other":
            return corridor
        between = [code for code in dict.fromkeys(countries) if code not in (countries[0], countries[-1])]
        return self.text("route.unnamed_by", countries=between) if between else self.text("route.unnamed")

    def country(self, code: str) -> str:
        """Name a country by its ISO 3166-1 alpha-3 code."""
        return self.word(f"country.{code}", code)

    def economy(self, code: str) -> str:
        """Name a country or a region of the matrix of trade."""
        return self.word(f"trade.economy.{code}", self.country(code))

    def countries(self, codes: Sequence[str]) -> str:
        """Name countries, joined by commas."""
        return ", ".join(self.country(code) for code in codes)

    def mode(self, mode: str, default: str | None = None) -> str:
        """Name a mode."""
        return self.word(f"mode.{mode}", default or mode)

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 - as string.Formatter has it
        """Write a value as the part of the field after its colon says."""
        if format_spec.startswith("noun."):
            return f"{self.count(value)}{HARD_SPACE}{self.noun(format_spec, value)}"
        return self._formats[format_spec or "text"](value)

    # numbers --------------------------------------------------------------------------------------------------------

    def count(self, value: float | None) -> str:
        """Write a whole number."""
        return self._digits(value, 0)

    def number(self, value: float | None) -> str:
        """Write a number to four significant digits, whole numbers in full."""
        if value is None:
            return self.text("number.missing")
        whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
        decimals = max(0, 4 - whole) if abs(value) >= 0.1 or value == 0 else 5
        return self._digits(value, decimals, strip=True)

    def fixed(self, value: float | None, decimals: int) -> str:
        """Write a number with a given number of decimals."""
        return self._digits(value, decimals)

    def percent(self, share: float | None) -> str:
        """Write a share as a percentage."""
        if share is None:
            return self.text("number.missing")
        return self.text(
            "number.percent", amount=self._digits(share * 100, 0 if abs(share) >= 0.0995 or share == 0 else 1)
        )

    def growth(self, share: float | None) -> str:
        """Write a yearly growth as a signed percentage."""
        if share is None:
            return self.text("number.missing")
        sign = "+" if share > 0 else ""
        return sign + self.percent(share)

    def share(self, share: float | None) -> str:
        """Write a small change as a signed percentage with three decimals."""
        if share is None:
            return self.text("number.missing")
        return self.change(share, lambda size: self.text("number.percent", amount=self.fixed(100 * size, 3)))

    def days(self, hours: float | None) -> str:
        """Write hours as days."""
        if hours is None:
            return self.text("number.missing")
        days = hours / 24
        decimals = 0 if abs(days) >= 9.95 else 1
        # A number with decimals written out takes the form of fractions, also where they are nought (CLDR, v > 0).
        noun = self.messages["noun.day"]["other"] if decimals else self.noun("noun.day", round(days))
        return f"{self._digits(days, decimals)}{HARD_SPACE}{noun}"

    def hours(self, hours: float | None) -> str:
        """Write hours."""
        if hours is None:
            return self.text("number.missing")
        decimals = 0 if abs(hours) >= 9.95 else 1
        return f"{self._digits(hours, decimals, strip=True)}{HARD_SPACE}{self.text('unit.hour')}"

    def usd(self, usd: float | None) -> str:
        """Write US dollars in full, to the dollar."""
        return self.text("number.missing") if usd is None else self.text("number.usd", amount=self._digits(usd, 0))

    def money(self, usd: float | None) -> str:
        """Write US dollars in full, in million or in billion."""
        if usd is None:
            return self.text("number.missing")
        for size, key in _MONEY:
            if abs(usd) >= size:
                return self.text(key, amount=self._digits(usd / size, 1 if usd / size < 99.5 else 0, strip=True))
        return self.usd(usd)

    def change(self, value: float | None, write: Callable[[float], str]) -> str:
        """Write a change with its sign, its size as another method writes it."""
        if value is None:
            return self.text("number.missing")
        return ("+" if value > 0 else MINUS if value < 0 else "") + write(abs(value))

    def ranged(
        self,
        value: Mapping[str, float | None],
        write: Callable[[float | None], str],
        write_end: Callable[[float | None], str],
    ) -> str:
        """Write a ``value`` with its range from ``low`` to ``high`` where it has one."""
        told, (low, high) = write(value["value"]), (value["low"], value["high"])
        if low is None or high is None:
            return told
        return self.text("number.ranged", value=told, low=write_end(low), high=write_end(high))

    def km(self, km: float | None) -> str:
        """Write kilometres."""
        return self.text("number.missing") if km is None else f"{self._digits(km, 0)}{HARD_SPACE}{self.text('unit.km')}"

    def quantity(self, value: float | None, unit: str | None) -> str:
        """Write a number with the spelled name of a unit of the tables."""
        if value is None:
            return self.text("number.missing")
        if unit == "percent":
            return self.text("number.percent", amount=self.number(value))
        return f"{self.number(value)} {self.unit(unit)}".strip()

    def amount(self, value: float | None, unit: str) -> str:
        """Write a large quantity to three digits, in thousand, million or billion of a unit of the tables."""
        return f"{self.round(value)} {self.unit(unit)}".strip().replace(" ", HARD_SPACE)

    def round(self, value: float | None) -> str:
        """Write a number to three digits, in thousand, million or billion from ten thousand on."""
        if value is None:
            return self.text("number.missing")
        size, key = next(((s, k) for s, k in _SCALES if abs(value) >= s * (10 if s == 1e3 else 0.9995)), (1.0, ""))
        scaled = float(f"{value / size:.3g}")
        decimals = max(0, 3 - len(str(int(abs(scaled))))) if abs(scaled) >= 1 else 2
        digits = self._digits(scaled, decimals, strip=True)
        return self.text(key, amount=digits) if key else digits

    def unit(self, unit: str | None) -> str:
        """Spell a unit of the tables; the unit itself stands in where the catalogue has none."""
        return self.word(f"unit.{unit}", unit or "")

    def _digits(self, value: float | None, decimals: int, *, strip: bool = False) -> str:
        if value is None:
            return self.text("number.missing")
        text = f"{abs(value):,.{decimals}f}"
        if strip and "." in text:
            text = text.rstrip("0").rstrip(".")
        text = text.replace(",", THIN_SPACE).replace(".", _DECIMAL_MARK[self.code])
        return MINUS + text if value < 0 and text.strip("0.,") else text


@cache
def language_of(code: LanguageCode) -> Language:
    """Read a language's catalogue from the package."""
    folder = resources.files("jibek") / "present" / "messages"
    messages = _country_names(code) | _flat(yaml.safe_load((folder / f"{code}.yaml").read_text(encoding="utf-8")))
    names = folder / f"names.{code}.yaml"
    own = _flat(yaml.safe_load(names.read_text(encoding="utf-8"))) if names.is_file() else {}
    return Language(code, messages, {key: _NUMBER_AND_WORD.sub(HARD_SPACE, name) for key, name in own.items()})


def _country_names(code: LanguageCode) -> dict[str, str]:
    """Names of all countries, from the list that also checks their codes."""
    file = resources.files("jibek") / "corridor" / "countries.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {f"country.{row['country']}": row[f"name_{code}"] for row in rows}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted keys of a nested mapping; the forms of a noun stay together."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and not path.startswith("noun."):
            flat |= _flat(value, f"{path}.")
        else:
            flat[path] = value
    return flat


def _plural(code: str, count: float) -> str:
    """CLDR plural category of a number in English or Russian."""
    if code == "en":
        return "one" if count == 1 else "other"
    if count != int(count):
        return "other"
    tens, ones = int(abs(count)) % 100, int(abs(count)) % 10
    if ones == 1 and tens != 11:
        return "one"
    return "few" if 2 <= ones <= 4 and not 12 <= tens <= 14 else "many"
