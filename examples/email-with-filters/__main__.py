"""An address for the mails of a nightly backup, which open and resolve incidents."""

import pulumi
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

# "[backup] orders: FAILED" and "[backup] orders: OK" are about the same incident.
job = pagerduty.ValueExtractorArgs(
    type="between",
    part="subject",
    value_name="incident_key",
    starts_after="[backup] ",
    ends_before=":",
)


def rule(action: str, word: str) -> pagerduty.EmailParserArgs:
    return pagerduty.EmailParserArgs(
        action=action,
        match_predicate=pagerduty.MatchPredicateArgs(
            type="all",
            children=[pagerduty.MatchPredicateArgs(type="contains", part="subject", matcher=word)],
        ),
        value_extractors=[job],
    )


backups = pagerduty.Integration(
    "backups",
    service=config.require("service"),
    type="generic_email_inbound_integration",
    email_filter_mode="and-rules-email",
    email_filters=[
        pagerduty.EmailFilterArgs(
            from_email_mode="match",
            from_email_regex=r"@backup\.example\.com$",
            subject_mode="match",
            subject_regex=r"^\[backup\]",
        )
    ],
    email_incident_creation="use_rules",
    email_parsers=[rule("trigger", "FAILED"), rule("resolve", "OK")],
    email_parsing_fallback="discard",
)

pulumi.export("address", backups.integration_email)
