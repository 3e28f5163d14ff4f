"""The provider's settings, and the account that they make."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from pagerduty_native import __version__
from pagerduty_native.api.account import Account
from pagerduty_native.api.auth import ORCHESTRATION_SCOPES, RESPONSE_SECONDS, SCOPES, AppAuthorization
from pagerduty_native.api.client import CALLS_PER_MINUTE, Authorization, Client, TokenAuthorization, anonymous
from pagerduty_native.api.errors import (
    ApiError,
    AppTokenError,
    DeadlineError,
    ForbiddenError,
    InterruptedCallError,
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
    UnintelligibleResponseError,
    UnreachableError,
    UnreadableItemsError,
    UnsendableError,
    UnsettledError,
)
from pagerduty_native.api.rate_limit import RateLimiter
from pagerduty_native.api.urls import API_URLS, IDENTITY_URL, events_url_for, is_this_machine
from pagerduty_native.api.waiting import Waiting
from pagerduty_native.framework import Failure, Host, Problem, ProviderError, field, object_type

# Names the API's address for programs, the Automation API and unit tests without touching the stack.
API_URL_VARIABLE = "PAGERDUTY_API_URL"
APP_VARIABLES = ("PAGERDUTY_CLIENT_ID", "PAGERDUTY_CLIENT_SECRET", "PAGERDUTY_SUBDOMAIN")
REGIONS = {
    "us": "`api.pagerduty.com`, the default.",
    "eu": "`api.eu.pagerduty.com`.",
}


@object_type
class UseAppOauthScopedToken:
    """The credentials of an app with Scoped OAuth. The provider requests and renews the app's tokens itself."""

    pd_client_id: str | None = field(
        "The app's client ID. Can also be set with the environment variable `PAGERDUTY_CLIENT_ID`.",
        environment="PAGERDUTY_CLIENT_ID",
    )
    pd_client_secret: str | None = field(
        "The app's client secret. Can also be set with the environment variable `PAGERDUTY_CLIENT_SECRET`.",
        secret=True,
        environment="PAGERDUTY_CLIENT_SECRET",
    )
    pd_subdomain: str | None = field(
        "The account's subdomain: `acme` for `acme.pagerduty.com`. Can also be set with the environment variable "
        "`PAGERDUTY_SUBDOMAIN`.",
        environment="PAGERDUTY_SUBDOMAIN",
    )

    def check_pd_subdomain(self) -> Iterator[Problem]:
        if self.pd_subdomain and ("pagerduty.com" in self.pd_subdomain.casefold() or "://" in self.pd_subdomain):
            yield Failure(
                "pdSubdomain",
                "`pdSubdomain` must be the subdomain only: `acme` for an account at https://acme.pagerduty.com.",
            )


@object_type
class Settings:
    """The provider for PagerDuty inbound integrations."""

    token: str | None = field(
        "The REST API key of a PagerDuty account or user. Can also be set with the environment variable "
        "`PAGERDUTY_TOKEN`.",
        secret=True,
        environment="PAGERDUTY_TOKEN",
        instead_of=("useAppOauthScopedToken",),
    )
    use_app_oauth_scoped_token: UseAppOauthScopedToken | None = field(
        "The credentials of an app with Scoped OAuth, to use instead of `token`. The app needs the scopes "
        "`services.read` and `services.write`, and `vendors.read` to look up vendors. Its tokens are renewed before "
        "they expire. If `apiUrlOverride` is set, tokens are requested from that address, too.",
        instead_of=("token",),
    )
    service_region: str | None = field(
        "The service region of the account. Can also be set with the environment variable `PAGERDUTY_SERVICE_REGION`.",
        allowed=REGIONS,
        environment="PAGERDUTY_SERVICE_REGION",
        default_value="us",
    )
    api_url_override: str | None = field(
        "The URL of the REST API, if it is not the one of the service region: that of a gateway, or of the PagerDuty "
        "emulator (`http://127.0.0.1:8123`). Can also be set with the environment variable `PAGERDUTY_API_URL`.",
        environment=API_URL_VARIABLE,
    )
    insecure_tls: bool | None = field(
        "Do not verify the API's TLS certificate. For tests only: anyone on the network path can read the token.",
        default_value=False,
    )
    requests_per_minute: int | None = field(
        "The maximum number of API calls that this provider makes per minute. The default, 960, is PagerDuty's own "
        "limit. The provider slows down further if PagerDuty's responses say that fewer calls are left. Lower it to "
        "leave more calls to others who use the same token.",
        default_value=CALLS_PER_MINUTE,
    )

    def check_requests_per_minute(self) -> Iterator[Problem]:
        if self.requests_per_minute is not None and self.requests_per_minute < 1:
            yield Failure(
                "requestsPerMinute", f"`requestsPerMinute` must be at least 1, got {self.requests_per_minute}."
            )

    def check_credentials(self) -> Iterator[Problem]:
        if self.token is not None and self.use_app_oauth_scoped_token is not None:
            yield Failure("useAppOauthScopedToken", "Set either `token` or `useAppOauthScopedToken`, not both.")

    def check_token(self) -> Iterator[Problem]:
        if self.token is None:
            return
        token = self.token.strip()
        if token.casefold().startswith(("token ", "token=", "bearer ")):
            yield Failure("token", "`token` must be a REST API key only, without `Token token=` or `Bearer` before it.")
        elif token.startswith(("{", "[")):
            yield Failure("token", "`token` must be a REST API key only, without an object or a list around it.")
        elif token[:1] in {"'", '"'} and token[-1] == token[0]:
            yield Failure("token", "`token` must be a REST API key only, without quotation marks around it.")
        elif not re.fullmatch(r"[!-~]+", token):
            yield Failure(
                "token", "`token` must be a REST API key: ASCII letters, digits and punctuation, without spaces."
            )

    def check_api_url_override(self) -> Iterator[Problem]:
        url = self.api_url_override
        if url is None:
            return
        if "@" in url:  # Of no property, as the engine would show its value.
            yield Failure("", "`apiUrlOverride` must not contain a user name or a password.")
        elif not _is_http_url(url):
            form = "starts with https:// or http:// (no `?`, `#`)"
            if re.match(r"https?://[^?#]*$", url, re.IGNORECASE):
                form = "has a host, no blanks, and a port from 1 to 65535 if any"
            yield Failure(
                "apiUrlOverride", f"`apiUrlOverride` must be a URL that {form}, got {url!r}.{_suggested_url(url)}"
            )
        elif _is_other_pagerduty_url(url):
            yield Failure(
                "apiUrlOverride",
                "`apiUrlOverride` must be the address of the REST API, such as https://api.pagerduty.com, not of the "
                f"Events API or of the web app, and without a path; got {url!r}. Remove it to use PagerDuty's own.",
            )


def _is_http_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        # Paths are added at its end.
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
            and not re.search(r"[?#\s\x00-\x1f\x7f]", text)
        )
    except ValueError:  # a port that is no number, a bracket that does not close
        return False


def _suggested_url(text: str) -> str:
    """Suggest the URL that is meant by an address without a scheme; "" if it is not clear."""
    bare = re.sub(r"^(?:https?:)?/*", "", text)
    if not _is_http_url(f"http://{bare}"):
        return ""
    parts = urlsplit(f"//{bare}")
    host = parts.hostname or ""
    is_local = is_this_machine(host) or ("." not in host and parts.port is not None)
    if not is_local and "." not in host:
        return ""
    scheme = "http" if is_local else "https"
    if _is_other_pagerduty_url(f"{scheme}://{bare}"):
        return f" Did you mean `{API_URLS['eu' if '.eu.' in host else 'us']}`?"
    # The address itself may be hidden, so that only the second half can be read.
    return f" Did you mean `{scheme}://{bare}`, with `{scheme}://` before it?"


def _is_other_pagerduty_url(text: str) -> bool:
    """Return whether this is an address of PagerDuty, but not of its REST API. Scripts use such."""
    parts = urlsplit(text)
    host = (parts.hostname or "").rstrip(".")
    if not host.endswith("pagerduty.com"):
        return False
    return not host.startswith("api.") or parts.path.strip("/") != ""


def _is_readable_on_the_way(url: str | None) -> bool:
    """Return whether requests to this address leave the machine unencrypted."""
    parts = urlsplit(url or "")
    return parts.scheme == "http" and not is_this_machine(parts.hostname or "")


def configure(settings: Settings, host: Host) -> Account:
    """Make the account that the settings name. Makes no call."""
    if settings.insecure_tls:
        host.warn(
            "`insecureTls` is set: the API's TLS certificate is not verified, so anyone on the network path can read "
            "the token."
        )
    if _is_readable_on_the_way(settings.api_url_override):
        host.warn(
            "`apiUrlOverride` starts with http:// and is not on this machine: the token and all keys are sent "
            "unencrypted, so anyone on the network path can read them. Use https:// if the server has it."
        )
    if settings.api_url_override and settings.api_url_override == os.environ.get(API_URL_VARIABLE):
        host.warn(
            f"PagerDuty's API is at {settings.api_url_override}, from the environment variable {API_URL_VARIABLE}."
        )
    if settings.token and re.fullmatch(r"[0-9A-Za-z]{32}", settings.token.strip()):
        host.warn(
            "`token` has 32 letters and digits, like an integration key (routing key), which PagerDuty's REST API "
            "refuses. REST API keys are made in PagerDuty under Integrations, API Access Keys."
        )
    client_of = functools.partial(
        Client,
        user_agent=f"pulumi-pagerduty-native/{__version__}",
        verify=not settings.insecure_tls,
        waiting=Waiting(host.cancelled, host.status, host.deadline),
        redact=host.redact,
    )
    account_client = functools.partial(
        client_of,
        api_url=(settings.api_url_override or API_URLS[settings.service_region or "us"]).rstrip("/"),
        limiter=RateLimiter(settings.requests_per_minute or CALLS_PER_MINUTE),
    )
    authorization_for = functools.partial(_authorization, settings, client_of, host.hide)
    client = orchestrations_client = account_client(authorization_for(SCOPES))
    if settings.use_app_oauth_scoped_token:
        orchestrations_client = account_client(authorization_for((*SCOPES, *ORCHESTRATION_SCOPES)))
    events_url = events_url_for(settings.api_url_override, settings.service_region)
    return Account(client, host.warn, events_url=events_url, orchestrations_client=orchestrations_client)


def _authorization(
    settings: Settings,
    client_of: Callable[..., Client],
    hide: Callable[[str], None],
    scopes: tuple[str, ...],
) -> Authorization:
    app = settings.use_app_oauth_scoped_token
    if app is None:
        return TokenAuthorization(_token(settings))
    if not (app.pd_client_id and app.pd_client_secret and app.pd_subdomain):
        given = {
            "`pdClientId` (or PAGERDUTY_CLIENT_ID)": app.pd_client_id,
            "`pdClientSecret` (or PAGERDUTY_CLIENT_SECRET)": app.pd_client_secret,
            "`pdSubdomain` (or PAGERDUTY_SUBDOMAIN)": app.pd_subdomain,
        }
        missing = " and ".join(name for name, value in given.items() if not value)
        raise ProviderError(
            f"`useAppOauthScopedToken` needs `pdClientId`, `pdClientSecret` and `pdSubdomain`. Missing: {missing}."
        )
    identity_url = (settings.api_url_override or IDENTITY_URL).rstrip("/")
    return AppAuthorization(
        client_of(anonymous, api_url=identity_url, read_seconds=RESPONSE_SECONDS),
        app.pd_client_id,
        app.pd_client_secret,
        app.pd_subdomain,
        region=settings.service_region or "us",
        scopes=scopes,
        hide=hide,
    )


def _token(settings: Settings) -> str:
    if not settings.token:
        missing = [name for name in APP_VARIABLES if not os.environ.get(name)]
        if 0 < len(missing) < len(APP_VARIABLES):
            raise ProviderError(
                f"An app needs {', '.join(APP_VARIABLES)} in the environment. Missing: {' and '.join(missing)}. To use "
                "a REST API key instead, set `token`, or PAGERDUTY_TOKEN in the environment."
            )
        variable = os.environ.get("PAGERDUTY_TOKEN")
        is_empty = " (PAGERDUTY_TOKEN is set, but empty: is a secret missing?)" if variable == "" else ""
        raise ProviderError(
            f"The setting `token` is missing{is_empty}: PagerDuty needs a REST API key. Set it for this stack with "
            "`pulumi config set --secret pagerduty-native:token` (`pagerduty:token` is another provider's), or in the "
            "environment as PAGERDUTY_TOKEN. An explicit provider does not read the stack's configuration: it needs "
            "its own `token`."
        )
    return settings.token.strip()


def explain(error: Exception) -> str | None:  # noqa: C901, PLR0912 (a case an error)
    """Explain a failed call to the user, by the setting that is most likely at fault."""
    match error:
        case AppTokenError():
            return _explain_missing_token(error)
        case UnauthorizedError():
            return _explain_refused_token(error)
        case ForbiddenError():
            return f"PagerDuty does not allow this: {error}. {_missing_right(error)}"
        case UnintelligibleResponseError():
            return f"{error}. Check the setting `apiUrlOverride`, and any proxy between here and PagerDuty."
        case UnreachableError():
            return _explain_silence(error)
        case UnsendableError():
            return f"Nothing was sent to PagerDuty: {error}. Correct that value."
        case DeadlineError():
            return f"The timeout of this resource (option `customTimeouts`) has expired: {error}."
        case UnsettledError():
            known = "".join(f" `{each}`" for each in error.candidates)
            return (
                f"{error}. Check the {error.place} before the next `pulumi up`: if the integration is there, delete "
                f"it, or adopt it with the resource option `import` and its ID,{known or f' {error.id_form}'}."
            )
        case UnreadableItemsError():
            return (
                f"{error}. The state is unchanged. Look in the web app; if you know that it was deleted, remove it "
                "from the state with `pulumi state delete`."
            )
        case InterruptedCallError():
            return f"No further call was made to PagerDuty: {error}."
        case ServerError() | RateLimitedError():
            return f"PagerDuty could not handle the request: {error}. Try again later."
        case NotFoundError():
            return (
                f"PagerDuty refused the request: {error}. If `apiUrlOverride` is set, check its path: those of the "
                "API are appended to it."
            )
        case PagerDutyError():
            return f"PagerDuty refused the request: {error}."
    return None


def _explain_silence(error: UnreachableError) -> str:
    if error.perhaps_done:
        return (
            f"PagerDuty's API at {error.url} did not respond: {error.reason}. Try again later. If that does not help, "
            "check the network, and any proxy between here and PagerDuty."
        )
    advice = ""
    if "WRONG_VERSION_NUMBER" in error.reason:
        advice = " Something there speaks, but not TLS: did you mean http:// in place of https://, as for an emulator?"
    elif "refused" in error.reason and is_this_machine(urlsplit(error.url).hostname or ""):
        advice = " This is an address of this machine: is the emulator running, at this port?"
    return (
        f"PagerDuty's API at {error.url} cannot be reached: {error.reason}.{advice} Check the network, the proxy "
        "settings in the environment, and the settings `serviceRegion` and `apiUrlOverride`."
    )


def _explain_refused_token(error: UnauthorizedError) -> str:
    if error.by_app:
        return (
            f"PagerDuty refused the app's token, and then a new one: {error}. Check the setting "
            "`useAppOauthScopedToken`, that the app is still registered in the account, and that `serviceRegion` is "
            "that of the account."
        )
    return (
        f"PagerDuty refused the token: {error}. Check the setting `token` (or PAGERDUTY_TOKEN), and that "
        "`serviceRegion` is that of the account: a token is valid only in its own region. `pulumi refresh` and `pulumi "
        "destroy` use the token of the last `pulumi up`: if it was replaced in the configuration since, add "
        "`--run-program`, or run `pulumi up --refresh`."
    )


def _explain_missing_token(error: AppTokenError) -> str:
    """Explain why an app got no token, with the remedy."""
    cause = error.cause
    if not isinstance(cause, ApiError) or cause.transient:
        return f"PagerDuty issued no token for the app in `useAppOauthScopedToken`. {explain(cause)}"
    if "scope" in cause.quotation.casefold():
        advice = (
            f"It was requested for the account `{error.account}`: check that `pdSubdomain` (or PAGERDUTY_SUBDOMAIN) "
            "and `serviceRegion` are those of the account in which the app is registered."
        )
    elif isinstance(cause, NotFoundError):
        advice = "With `apiUrlOverride`, tokens are requested from that address, too: it must serve `/oauth/token`."
    else:
        advice = (
            "Check `pdClientId` and `pdClientSecret` (or PAGERDUTY_CLIENT_ID and PAGERDUTY_CLIENT_SECRET), and that "
            "`serviceRegion` is that of the account."
        )
    return f"PagerDuty issued no token for the app in `useAppOauthScopedToken`: {cause}. {advice}"


def _missing_right(error: ForbiddenError) -> str:
    """Explain what a refused token lacks."""
    if error.required_scopes:
        return (
            f"This needs the scope {error.required_scopes}, and the app's token has "
            f"{error.token_scopes or 'none'}. Scopes are set in PagerDuty under Integrations, App Registration, the "
            "app, Scoped OAuth."
        )
    right = "read" if error.reading else "write"
    plan = "and the account's plan must include this feature."
    if error.by_app:
        return (
            f"The app (setting `useAppOauthScopedToken`) needs the scope for {right} access, which is set in PagerDuty "
            f"under Integrations, App Registration, the app, Scoped OAuth; {plan}"
        )
    return f"The token (setting `token`, or PAGERDUTY_TOKEN) needs {right} access, {plan}"
