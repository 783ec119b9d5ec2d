"""An explanation of one finding, as `ecg-reader explain --json` prints it."""

from typing import Annotated

import msgspec

__all__ = ["Checks", "Explanation", "Place"]


def _text(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A wave in one lead."""

    lead: Annotated[str, _text("Lead.")]
    wave: Annotated[str, _text("P, PR, QRS, ST or T; of all beats.")]
    weight: Annotated[float, _text("What it adds to the log odds of the finding; negative: it speaks against it.")]


class Checks(msgspec.Struct, frozen=True, kw_only=True):
    """What speaks for the explanation. Areas are means of the log odds while the waves are taken out or put in."""

    deletion: Annotated[float, _text("Area while the waves are taken out, the weightiest first; low is good.")]
    deletion_at_random: Annotated[float, _text("The same in random order.")]
    insertion: Annotated[float, _text("Area while the waves are put in, the weightiest first; high is good.")]
    insertion_at_random: Annotated[float, _text("The same in random order.")]
    agreement: Annotated[float, _text("Rank correlation with the weights by another method, -1 to 1.")]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Which waves a model tells a finding by."""

    finding: Annotated[str, _text("Label of the model.")]
    method: Annotated[str, _text("occlusion, shap, lime, saliency, grad-cam or integrated-gradients.")]
    told_by: Annotated[str, _text("The weightiest waves in words, such as 'ST in V2 to V4'; empty if none stands out.")]
    most_active_lead: Annotated[str | None, _text("The lead whose waves weigh most.")]
    leads: Annotated[dict[str, float], _text("Share of each lead in what speaks for the finding.")]
    places: Annotated[tuple[Place, ...], _text("Every wave, the weightiest first.")]
    checks: Annotated[Checks, _text("How far this can be relied on.")]
    unreliable: Annotated[str | None, _text("Why it should not be relied on; null if it passed its checks.")]
