"""How charts look: type, lines and colours for a light and a dark screen."""

from typing import Any

FONT = 'system-ui, "Segoe UI", Roboto, sans-serif'


def _theme(ink: str, muted: str, line: str, years: tuple[str, ...]) -> dict[str, Any]:
    text = {"labelColor": muted, "titleColor": muted, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 450}
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": text | {"gridColor": line, "domainColor": line, "tickColor": line, "titlePadding": 10},
        "axisY": {"labelColor": ink},
        "legend": text | {"labelColor": ink, "symbolType": "square", "labelLimit": 260, "titleFontWeight": 450},
        "text": {"color": ink, "fontSize": 12},
        "range": {"category": [*years, "#e08a1e", "#7a6fb0", "#5f9d63", "#c05a5a"]},
    }


THEMES = {
    "light": _theme("#16222e", "#566674", "#e3e8ed", ("#a9c3cc", "#4aa3b8", "#0b5f78")),
    "dark": _theme("#e6edf2", "#9db0bf", "#2b3942", ("#46697a", "#4aa3b8", "#c4eaf3")),
}
