"""Expected use in the months ahead, and how far it has been from the truth before: many lines at once.

Eight ways of following a level (four speeds, with and without a damped trend) are run over each history
twice, as it is and with its season taken out. Each way is weighed by how well it would have foretold the
sums of one, three and six months all through that same history, so nothing is chosen by hand for a line.
Peaks of one or two months that are over are taken down first (hoarding), and a level that has held for
three months is believed. From the second month on that is averaged with a plain level of the last two years, which
bears half of what peaks add to a usual month: which peak is next nobody knows, but they come again.

All arrays are (lines, months), oldest month first; use is in units a day, NaN where nothing is known or
could be had.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SPEEDS = np.array([0.05, 0.1, 0.2, 0.4])  # share of each month's surprise that goes into the level
TRENDS = ((0.0, 0.0), (0.8, 0.1), (0.95, 0.15))  # damping a month, and the trend's share of the level's speed
SUMS = (1, 3, 6)  # months ahead whose sums the ways are weighed by
FORGETTING = 0.97  # weight of a month against the one after it
SHARPNESS = 3.0  # weight of a way = (mean absolute error) ** -SHARPNESS
JUDGED_MONTHS = 36  # how far back a way is judged
MEAN_TO_DEVIATION = 1.2533  # from a normal's mean absolute to its standard deviation, √(π/2)
BURN_IN = 12  # months before a way is held to its word
SEASON_YEARS = 7
BLOCK = 500  # lines computed together: memory stays the same however many there are
RECENT = 18  # months that say what is usual, when a peak is looked for
PEAK_RESTS = 4  # months for which a peak that is over is not expected again
WORTH_TELLING = 1.5  # a month taken down from this many times the usual is told of
LASTING = 1.3  # a level this many times the old one, for three months, is a new level
LATELY = 24  # months that the plain level looks back on
LEVEL_SPEEDS = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75])
LEVEL_COUNTS = (0.0, 0.3, 0.5)  # its weight in the first, the second and every later month ahead
A_PEAK = 1.4  # a month over this many times the usual is a peak
PEAKS_COME_AGAIN = 0.5  # share of what peaks have added that is expected in every month
MOST_FROM_PEAKS = 0.25  # they add at most this share to a usual month
STEADILY = 0.8  # share of months with use from which a line has a plain level


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of each line.

    `rates` (lines, months ahead): units a day, from the month after the history's last. `spread` (lines,
    3): standard deviation of real ÷ expected use over the next 1, 3 and 6 months. `hoarding` (lines): the
    last month or two stand out as a peak still running; then `calm` holds the rates as if it had not
    happened. `damped` (lines, months of the history): a peak that was over was taken down in that month, so
    lately that it is not expected again yet, and so high that people should know.
    """

    rates: Floats
    spread: Floats
    hoarding: Flags
    calm: Floats
    damped: Flags


def forecast(rates: Floats, months_ahead: int = 14) -> Forecast:
    """The months after the last column of `rates`. A line without any figure is expected to use nothing
    (0).
    """
    parts = [_forecast(rates[start : start + BLOCK], months_ahead) for start in range(0, len(rates), BLOCK)]
    if len(parts) == 1:
        return parts[0]
    return Forecast(*(np.concatenate([getattr(part, figure.name) for part in parts]) for figure in fields(Forecast)))


def _forecast(rates: Floats, months_ahead: int) -> Forecast:
    rates = _without_missing_supply(rates)
    known = np.isfinite(rates)
    season = season_factors(rates)
    flat = rates / _along(season, rates.shape[1])
    usual, width = _usual(flat)
    leveled, hoarding = _peaks_taken_down(flat, usual, width)
    taken_down = leveled < flat
    peaked = taken_down.any(axis=1)
    quiet = _without_running_peak(leveled[hoarding], usual[hoarding], width[hoarding])
    # Seen three ways, blended at one go: as it usually is, with its peaks, and as if a running peak had not been.
    histories = np.concatenate([_believed_level(np.concatenate([leveled, flat[peaked]])), quiet])
    lines = np.concatenate([np.arange(len(rates)), np.flatnonzero(peaked), np.flatnonzero(hoarding)])
    ahead, spread = _blend(histories, season[lines], known[lines], months_ahead)
    expected, whole, without = np.split(ahead, [len(rates), len(rates) + peaked.sum()])
    # Soon after a peak the usual level; further on the mean with peaks, since peaks come again.
    expected[peaked, PEAK_RESTS:] = whole[:, PEAK_RESTS:]
    spread[: len(rates)][peaked] = spread[len(rates) : len(rates) + len(whole)]
    coming = _along(season, rates.shape[1] + months_ahead)[:, rates.shape[1] :]
    _average_with_level(expected, _plain_level(leveled, flat)[:, None] * coming)
    _average_with_level(without, _plain_level(quiet, quiet)[:, None] * coming[hoarding])
    calm = expected.copy()
    calm[hoarding] = without
    damped = taken_down & (flat >= WORTH_TELLING * usual[:, None])
    damped[:, : -PEAK_RESTS - 2] = False
    return Forecast(expected, spread[: len(rates)], hoarding, calm, damped)


def season_factors(rates: Floats) -> Floats:
    """(lines, 12).

    Use in a calendar month ÷ use in the year around it; column j belongs to months j, j + 12, …

    The mean ratio to a centred twelve-month mean, shrunk towards 1 by the share of its variance between
    months that noise alone would give. 1 where there are not two years to tell it from.
    """
    lines, months = rates.shape
    kept = min(months, 12 * SEASON_YEARS)
    recent = rates[:, months - kept :]
    ratio = np.full((lines, SEASON_YEARS * 12), np.nan)
    if kept >= 25:
        windows = np.lib.stride_tricks.sliding_window_view(recent, 13, axis=1)
        weights = np.full(13, 1 / 12)
        weights[[0, -1]] = 1 / 24
        around = windows @ weights  # NaN where any of the thirteen months is
        with np.errstate(invalid="ignore", divide="ignore"):
            middle = np.where(around > 0, recent[:, 6:-6] / around, np.nan)
        start = (months - kept + 6) % 12
        ratio[:, start : start + middle.shape[1]][:, : ratio.shape[1] - start] = np.clip(middle, 0, 4)[
            :, : ratio.shape[1] - start
        ]
    by_month = ratio.reshape(lines, SEASON_YEARS, 12)
    seen = np.isfinite(by_month)
    count = seen.sum(axis=1)
    mean = np.where(seen, by_month, 0).sum(axis=1) / np.maximum(count, 1)
    factors = np.where(count > 0, mean, 1.0)
    residual = np.where(seen, by_month - factors[:, None, :], 0.0)
    freedom = np.maximum(count.sum(axis=1) - 12, 1)
    noise = (residual**2).sum(axis=(1, 2)) / freedom / np.maximum(count.mean(axis=1), 1)
    between = factors.var(axis=1, ddof=1)
    trust = np.where(between > 0, np.clip(1 - noise / np.maximum(between, 1e-12), 0, 1), 0)
    trust = np.where(count.mean(axis=1) >= 2, trust, np.where(count.mean(axis=1) >= 1.5, trust / 2, 0))
    shrunk = 1 + trust[:, None] * (factors - 1)
    return np.asarray(np.maximum(shrunk / shrunk.mean(axis=1, keepdims=True), 0.05))


def _along(season: Floats, months: int) -> Floats:
    return np.tile(season, (1, months // 12 + 1))[:, :months]


def _median(values: Floats) -> Floats:
    """The median of each row, NaN left out; NaN where a row has nothing else."""
    ordered = np.sort(values, axis=1)  # NaN last
    count = np.isfinite(values).sum(axis=1)
    rows = np.arange(len(values))
    return np.asarray(
        (ordered[rows, np.maximum(count - 1, 0) // 2] + ordered[rows, np.minimum(count // 2, values.shape[1] - 1)]) / 2
    )


def _usual(flat: Floats) -> tuple[Floats, Floats]:
    """What a month usually is, and its robust standard deviation (median absolute deviation × 1.4826)."""
    recent = flat[:, -RECENT:]
    usual = _median(recent)
    width = 1.4826 * _median(np.abs(recent - usual[:, None]))
    return usual, width


def _peaks_taken_down(flat: Floats, usual: Floats, width: Floats) -> tuple[Floats, Flags]:
    """Peaks of one or two months that are over, taken down to the usual; and where one is still running."""
    lines, months = flat.shape
    if months < 6:
        return flat, np.zeros(lines, dtype=bool)
    out = flat.copy()
    back = np.maximum(usual + 2.0 * width, 1.25 * usual)  # a month under this is back to the usual
    pair = np.maximum(usual + 2.0 * width / np.sqrt(2), 1.25 * usual)
    single = np.maximum(usual + 3.0 * width, 1.4 * usual)
    for t in range(max(1, months - 13), months - 1):
        before, one, two = flat[:, t - 1], flat[:, t], flat[:, t + 1]
        mean = (one + two) / 2
        high = (mean > pair) & (np.minimum(one, two) > 1.1 * usual) & (before < np.minimum(mean, back))
        if t + 2 < months:
            over = high & (flat[:, t + 2] < np.minimum(mean, back))
            out[:, t] = np.where(over, usual, out[:, t])
            out[:, t + 1] = np.where(over, usual, out[:, t + 1])
        alone = (out[:, t] > single) & (two < single) & (before < single)
        out[:, t] = np.where(alone, usual, out[:, t])
    last, previous, earlier = flat[:, -1], flat[:, -2], flat[:, -3]
    running_pair = ((last + previous) / 2 > pair) & (np.minimum(last, previous) > 1.1 * usual) & (earlier < back)
    running = running_pair | ((last > single) & (previous < back))
    return out, running


def _without_running_peak(flat: Floats, usual: Floats, width: Floats) -> Floats:
    high = np.maximum(usual + width, 1.1 * usual)[:, None]
    calm = flat.copy()
    calm[:, -2:] = np.where(calm[:, -2:] > high, usual[:, None], calm[:, -2:])
    return calm


def _believed_level(flat: Floats) -> Floats:
    """The history lifted or lowered to a new level that all of the last three (or more) months have held."""
    months = flat.shape[1]
    out = flat.copy()
    for held in range(8, 2, -1):
        before = months - held
        if before < 6:
            continue
        now, then = flat[:, before:], flat[:, max(0, before - 12) : before]
        usual, just_now = _median(then), _median(then[:, -3:])
        width = 1.4826 * _median(np.abs(then - usual[:, None]))
        least, most = now.min(axis=1), now.max(axis=1)
        up = (least > np.maximum(usual + 2.5 * width, LASTING * usual)) & (least > LASTING * just_now)
        down = (most < np.minimum(usual - 2.5 * width, usual / LASTING)) & (most < just_now / LASTING)
        lift = np.where((up | down) & (usual > 0), now.mean(axis=1) / np.maximum(usual, 1e-12), np.nan)
        moved = np.isfinite(lift)
        out[moved, :before] = flat[moved, :before] * lift[moved, None]
    return out


def _plain_level(leveled: Floats, flat: Floats) -> Floats:
    """Units a day in a usual month by the one speed that foretold each next month best, and a part of the peaks.

    `leveled` is the history without late peaks, `flat` the same with them. NaN where the line is drawn from only now
    and then.
    """
    lately, seen = leveled[:, -LATELY:], flat[:, -LATELY:]
    known = np.isfinite(lately)
    start = np.where(known, lately, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    level = np.repeat(start[None, :], len(LEVEL_SPEEDS), axis=0)
    wrong = np.zeros_like(level)
    for month in range(lately.shape[1]):
        off = np.where(known[:, month], lately[:, month] - level, 0.0)
        wrong += off**2
        level += LEVEL_SPEEDS[:, None] * off
    best = level[wrong.argmin(axis=0), np.arange(len(lately))]
    usual = _median(seen)[:, None]
    peaks = np.where(seen > A_PEAK * usual, seen - usual, 0.0).sum(axis=1)
    rest = np.nansum(seen, axis=1) - peaks
    added = peaks / np.where(rest > 0, rest, 1.0)
    steady = (seen > 0).sum(axis=1) >= STEADILY * np.maximum(np.isfinite(seen).sum(axis=1), 1)
    return np.where(steady, best * (1 + np.minimum(PEAKS_COME_AGAIN * added, MOST_FROM_PEAKS)), np.nan)


def _average_with_level(expected: Floats, plain: Floats) -> None:
    """Draw the rates expected of each month ahead towards the plain ones, by their ratio."""
    weight = [LEVEL_COUNTS[min(month, len(LEVEL_COUNTS) - 1)] for month in range(expected.shape[1])]
    both = (expected > 0) & (plain > 0)
    ratio = np.where(both, plain, 1.0) / np.where(both, expected, 1.0)
    expected *= ratio ** np.array(weight)


def _without_missing_supply(rates: Floats) -> Floats:
    """A month of nothing in a line that is drawn from steadily is a month without supply, and is left out."""
    recent = rates[:, -2 * RECENT :]
    drawn = np.where(recent > 0, recent, np.nan)
    usual = _median(drawn)
    width = 1.4826 * _median(np.abs(drawn - usual[:, None]))
    empty = (recent == 0).sum(axis=1) / np.maximum(np.isfinite(recent).sum(axis=1), 1)
    steady = (width < 0.35 * usual) & (empty <= 0.2)
    return np.where(steady[:, None] & (rates == 0), np.nan, rates)


def _levels(history: Floats) -> tuple[Floats, Floats]:
    """Level and trend after each month, (months, trends, speeds, lines), by damped exponential smoothing.

    `history` is (months, lines).
    """
    months, lines = history.shape
    known = np.isfinite(history)
    opening = known & (known.cumsum(axis=0) <= 12)
    start = np.where(opening, history, 0.0).sum(axis=0) / np.maximum(opening.sum(axis=0), 1)
    levels = np.empty((months, len(TRENDS), len(SPEEDS), lines))
    trends = np.empty_like(levels)
    level: Floats = np.broadcast_to(start, levels.shape[1:])
    trend = np.zeros(levels.shape[1:])
    speed = SPEEDS[:, None]
    damping = np.array([damped for damped, _ in TRENDS])[:, None, None]
    turning = np.array([share for _, share in TRENDS])[:, None, None]
    missing: Flags = np.asarray(~known)
    gaps: Flags = np.asarray(missing.any(axis=1))
    step = np.empty_like(trend)
    for t in range(months):
        np.multiply(trend, damping, out=trends[t])
        trend = trends[t]
        expected = np.add(level, trend, out=levels[t])
        np.subtract(history[t], expected, out=step)
        if gaps[t]:
            np.copyto(step, 0.0, where=missing[t])
        step *= speed
        level = expected
        level += step
        step *= turning
        trend += step
    return levels, trends


def _blend(flat: Floats, season: Floats, known: Flags, months_ahead: int) -> tuple[Floats, Floats]:
    """Rates ahead and the spread of past errors, over all ways weighed by their past errors.

    Inside, months are the first axis, so that what is asked of one month of all lines lies together.
    """
    lines, months = flat.shape
    factor = _along(season, months + max(months_ahead, max(SUMS))).T
    seen = known.T
    actual = np.where(seen, flat.T * factor[:months], np.nan)
    begun = seen.cumsum(axis=0)
    judged = [ahead for ahead in SUMS if months > ahead]
    since = {ahead: max(0, months - ahead - JUDGED_MONTHS) for ahead in judged}
    came, weight, sums, heaviness = {}, {}, {}, {}
    total, count = _running(np.where(seen, actual, 0.0)), _running(seen)
    passed = _running(factor)
    for ahead in judged:
        first = since[ahead] + 1  # a way that has seen `first` months is asked for the sum of the next `ahead`
        whole = count[first + ahead : months + 1] - count[first : months + 1 - ahead] == ahead
        age = FORGETTING ** np.arange(months - ahead - since[ahead])[::-1]
        weight[ahead] = (whole & (begun[first - 1 : months - ahead] >= BURN_IN)) * age[:, None]
        heaviness[ahead] = np.maximum(weight[ahead].sum(axis=0), 1e-12)
        came[ahead] = total[first + ahead : months + 1] - total[first : months + 1 - ahead]
        sums[ahead] = passed[first + ahead : months + 1] - passed[first : months + 1 - ahead]
    both = {True: _levels(np.ascontiguousarray(flat.T)), False: _levels(actual)}
    groups = [
        (seasonal, damping, both[seasonal][0][:, place], both[seasonal][1][:, place])
        for seasonal in both
        for place, (damping, _) in enumerate(TRENDS)
    ]
    onward = {damping: np.cumsum(damping ** np.arange(1, 1 + len(factor))) * (damping > 0) for damping, _ in TRENDS}

    def guess(levels: Floats, trends: Floats, seasonal: bool, damping: float, ahead: int) -> Floats:
        past = slice(since[ahead], months - ahead)
        told = levels[past] * (sums[ahead][:, None] if seasonal else ahead)
        if damping:
            told += onward[damping][:ahead].sum() * trends[past]
        return told

    errors = np.zeros((len(groups), len(SPEEDS), lines))
    for place, (seasonal, damping, levels, trends) in enumerate(groups):
        for ahead in judged:
            off = guess(levels, trends, seasonal, damping, ahead)
            off -= came[ahead][:, None]
            np.abs(off, out=off)
            errors[place] += np.einsum("msl,ml->sl", off, weight[ahead]) / ahead / heaviness[ahead]
    # A history too short to be judged by leaves all steady ways alike; a trend has to earn its place.
    doubt = np.array([1.0 if damping == 0 else 3.0 for _, damping, _, _ in groups])[:, None, None]
    tiny = 1e-12 * np.maximum(np.where(seen, actual, 0.0).max(axis=0), 1e-12)
    told_by = errors.max(axis=(0, 1)) > 0
    errors = np.where(told_by, errors + 1e-3 * errors.mean(axis=(0, 1)) + tiny, doubt)
    trust = (errors / errors.min(axis=(0, 1))) ** -SHARPNESS
    trust /= trust.sum(axis=(0, 1))
    rates = np.zeros((months_ahead, lines))
    blended = {ahead: np.zeros_like(came[ahead]) for ahead in judged}
    for share, (seasonal, damping, levels, trends) in zip(trust, groups, strict=True):
        last = levels[-1]
        shape = factor[months : months + months_ahead] if seasonal else 1.0
        if damping:
            line = np.maximum(last + onward[damping][:months_ahead, None, None] * trends[-1], 0.2 * last)
            rates += np.einsum("msl,sl->ml", line, share) * shape
        else:
            rates += (last * share).sum(axis=0) * shape
        mean_level = np.einsum("msl,sl->ml", levels, share)[:, None]
        mean_trend = np.einsum("msl,sl->ml", trends, share)[:, None] if damping else mean_level
        for ahead in judged:
            blended[ahead] += guess(mean_level, mean_trend, seasonal, damping, ahead)[:, 0]
    spread = np.full((lines, len(SUMS)), np.nan)
    for ahead in judged:
        with np.errstate(invalid="ignore", divide="ignore"):
            off = np.minimum(np.abs(came[ahead] / blended[ahead] - 1.0), 3.0)
        mean = np.where(weight[ahead] > 0, off * weight[ahead], 0.0).sum(axis=0) / heaviness[ahead]
        spread[:, SUMS.index(ahead)] = np.where(weight[ahead].any(axis=0), MEAN_TO_DEVIATION * mean, np.nan)
    return np.maximum(rates.T, 0.0), spread


def _running(values: Floats | Flags) -> Floats:
    """Sums of the first 0, 1, 2, … rows."""
    return np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
