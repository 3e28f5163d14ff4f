"""How a service groups alerts, and how long it holds their notifications back."""

from __future__ import annotations

from typing import Any

PARAMETERS, KIND, TIMEOUT = "alert_grouping_parameters", "alert_grouping", "alert_grouping_timeout"
OFF: dict[str, Any] = {"type": None, "config": None}
WINDOW = 300  # seconds: what PagerDuty recommends, and has where none is given
DAY = 86_400
CONFIGS: dict[str, set[str]] = {
    "time": {"timeout"},
    "intelligent": {"time_window"},
    "content_based": {"aggregate", "fields", "time_window"},
}
READ_ONLY = {"recommended_time_window"}
INVALID = "Config is invalid."  # openshift/pagerduty-operator pull request 238
PAUSED = {"enabled": False, "timeout": None}
PAUSES = (0, 120, 180, 300, 600, 900)  # seconds


def grouping(given: dict[str, Any], before: dict[str, Any], errors: list[str]) -> dict[str, Any]:
    """Return the parameters as they are kept, from those given, from the older properties, or from `before`.

    A reference to a setting of alert grouping is ignored, as the description says.
    """
    parameters = given.get(PARAMETERS, ...)
    if parameters is ...:
        if KIND not in given and TIMEOUT not in given:
            return before
        kind = given.get(KIND, before["type"])
        parameters = {"type": kind, "config": {"timeout": given.get(TIMEOUT) or 0} if kind == "time" else None}
    if parameters is None:
        return OFF
    if not isinstance(parameters, dict):
        errors.append("Alert grouping parameters must be an object")
        return OFF
    kind = parameters.get("type")
    if kind in ("alert_grouping_setting_reference", "alert_grouping_settings_reference"):
        return before
    if kind is None:
        return OFF
    if not isinstance(kind, str) or kind not in CONFIGS:
        errors.append("Type must be time, intelligent, content_based or null.")
        return OFF
    config = _config(kind, parameters.get("config"))
    if config is None:
        errors.append(INVALID)
    return {"type": kind, "config": config}


def older(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the older properties that say the same."""
    return {
        KIND: "rules" if parameters["type"] == "content_based" else parameters["type"],
        TIMEOUT: parameters["config"]["timeout"] if parameters["type"] == "time" else None,
    }


def pause(given: Any, before: dict[str, Any], errors: list[str]) -> dict[str, Any]:
    """Check the settings that hold notifications back, and their seconds."""
    if given is None:
        return before
    if not isinstance(given, dict) or not isinstance(given.get("enabled", False), bool):
        errors.append("Auto pause notifications parameters must have enabled, true or false.")
        return before
    if not given.get("enabled", before["enabled"]):
        return PAUSED
    timeout = given.get("timeout", before["timeout"])
    if timeout is None:
        errors.append("timeout cannot be null")  # terraform-provider issue 1015
    elif type(timeout) is not int or timeout not in PAUSES:
        errors.append(f"timeout must be one of {', '.join(map(str, PAUSES))}")
    return {"enabled": True, "timeout": timeout}


def _config(kind: str, given: Any) -> dict[str, Any] | None:
    """Return a config with what is left out; None if it does not do.

    What another type has is refused (terraform-provider pull request 888).
    """
    if not isinstance(given, (dict, type(None))):
        return None
    config = {name: value for name, value in (given or {}).items() if value is not None and name not in READ_ONLY}
    if set(config) - CONFIGS[kind]:
        return None
    if kind == "time":
        timeout = config.get("timeout")
        return {"timeout": timeout} if type(timeout) is int and 0 <= timeout <= 1440 else None
    if kind == "content_based" and not _is_content(config):
        return None
    window = config.get("time_window", 0)
    longest = DAY if kind == "content_based" else 0
    if type(window) is not int or not (window in (0, longest) or WINDOW <= window <= 3600):
        return None
    return {**config, "time_window": window or WINDOW, "recommended_time_window": WINDOW}


def _is_content(config: dict[str, Any]) -> bool:
    fields = config.get("fields")
    named = isinstance(fields, list) and bool(fields) and all(isinstance(field, str) for field in fields)
    return named and config.get("aggregate") in ("all", "any")
