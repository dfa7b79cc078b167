"""What a lifter says about a clip: load, stance, tempo, shoes, a note and the day."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, get_args

Stance = Literal["usual", "wider", "toes_out", "heels_raised"]
Tempo = Literal["usual", "slow"]

STANCES: Final[tuple[Stance, ...]] = get_args(Stance)
TEMPOS: Final[tuple[Tempo, ...]] = get_args(Tempo)
# The heaviest squats ever made are below 600 kg.
MOST_KG: Final = 600.0
MOST_SHOES: Final = 40
MOST_NOTE: Final = 200
_FIRST_YEAR: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What was asked of a lifter; everything is optional.

    Attributes
    ----------
    load_kg : float
        On top of the body; 0 = bodyweight, NaN = not said.
    stance, tempo : str or None
    shoes, note : str
    date : str or None
        ISO day.
    """

    load_kg: float = math.nan
    stance: Stance | None = None
    tempo: Tempo | None = None
    shoes: str = ""
    note: str = ""
    date: str | None = None

    def __post_init__(self) -> None:
        if not (math.isnan(self.load_kg) or 0 <= self.load_kg <= MOST_KG):
            raise ValueError(f"load_kg: expected 0 to {MOST_KG:g}, got {self.load_kg:g}")
        if self.stance not in (None, *STANCES):
            raise ValueError(f"stance: expected one of {STANCES}")
        if self.tempo not in (None, *TEMPOS):
            raise ValueError(f"tempo: expected one of {TEMPOS}")
        if len(self.shoes) > MOST_SHOES or len(self.note) > MOST_NOTE:
            raise ValueError(f"expected {MOST_SHOES} letters of shoes and {MOST_NOTE} of a note")
        if self.date is not None and date.fromisoformat(self.date).year < _FIRST_YEAR:
            raise ValueError("date: expected a day of this century")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return self.as_json() == Label().as_json()

    def as_json(self) -> dict[str, Any]:
        """Return it as it stands in a file; null = not said."""
        return {
            "load_kg": None if math.isnan(self.load_kg) else self.load_kg,
            "stance": self.stance,
            "tempo": self.tempo,
            "shoes": self.shoes,
            "note": self.note,
            "date": self.date,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any] | None) -> "Label":
        """Read a label back.

        Parameters
        ----------
        raw : mapping or None
            From a file that anybody may have written.

        Raises
        ------
        ValueError
            If it is not what :meth:`as_json` writes.
        """
        if raw is None:
            return cls()
        if not isinstance(raw, Mapping) or set(raw) != set(cls.__dataclass_fields__):
            raise ValueError("expected a label with its six fields")
        load_kg, day = raw["load_kg"], raw["date"]
        if isinstance(load_kg, bool) or not isinstance(load_kg, int | float | None):
            raise ValueError("load_kg: expected a number")
        for name in ("shoes", "note"):
            if not isinstance(raw[name], str):
                raise ValueError(f"{name}: expected text")
        if not isinstance(day, str | None) or not isinstance(raw["stance"], str | None):
            raise ValueError("expected text or nothing")
        if not isinstance(raw["tempo"], str | None):
            raise ValueError("tempo: expected text or nothing")
        return cls(
            load_kg=math.nan if load_kg is None else float(load_kg),
            stance=raw["stance"],  # type: ignore[arg-type]  # held in __post_init__
            tempo=raw["tempo"],  # type: ignore[arg-type]
            shoes=raw["shoes"],
            note=raw["note"],
            date=day,
        )
