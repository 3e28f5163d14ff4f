"""The Pulumi package: everything that the engine and the SDK generators see."""

from __future__ import annotations

from typing import Any

from pagerduty_native import __version__, functions, resources
from pagerduty_native.framework import Function, Provider, Resource, find_all
from pagerduty_native.settings import Settings, configure, explain

REPOSITORY = "https://github.com/pulumi-pagerduty-native/pulumi-pagerduty-native"
DESCRIPTION = "PagerDuty inbound integrations as Pulumi resources, with their keys kept secret."
README = f"{DESCRIPTION} See {REPOSITORY}."

METADATA: dict[str, Any] = {
    "displayName": "PagerDuty (native)",
    "description": DESCRIPTION,
    "keywords": ["pulumi", "pagerduty", "integration", "category/monitoring", "kind/native"],
    "homepage": REPOSITORY,
    "license": "Apache-2.0",
    "repository": REPOSITORY,
    "publisher": "pagerduty-native",
    # The CLI downloads the plugin's archive from the releases of the repository that has the plugin's name.
    "pluginDownloadURL": f"github://api.github.com/{REPOSITORY.split('/')[-2]}",
    # The SDKs then have the schema's version.
    "meta": {"supportPack": True},
    "language": {
        "python": {
            "packageName": "pulumi_pagerduty_native",
            "pythonRequires": ">=3.11",
            # For the SDK that `pulumi package add` makes where the plugin is already installed; the published SDK
            # brings it, and has a pyproject.toml: tools/sdkgen adds both.
            "requires": {"pulumi": ">=3.230.0,<4.0.0"},
            "readme": README,
        },
        "nodejs": {
            "packageName": "pulumi-pagerduty-native",
            "packageDescription": DESCRIPTION,
            "readme": README,
            "typescriptVersion": "^5.0.0",
        },
        "go": {
            "importBasePath": f"{REPOSITORY.removeprefix('https://')}/sdk/go/pagerdutynative",
            "generateResourceContainerTypes": True,
            "respectSchemaVersion": True,
        },
        # The prefix `Pulumi.` on NuGet and the group `com.pulumi` on Maven belong to Pulumi.
        "csharp": {"rootNamespace": "PagerDutyNative", "namespaces": {"pagerduty-native": "Sdk"}},
        # tools/sdkgen adds the build file, which has the group `io.github.pulumi-pagerduty-native`.
        "java": {
            "basePackage": "io.github.pulumipagerdutynative",
            "buildFiles": "none",
            "dependencies": {"com.pulumi:pulumi": "1.16.0"},
        },
    },
}

PACKAGE = Provider(
    name="pagerduty-native",
    version=__version__,
    metadata=METADATA,
    settings=Settings,
    configure=configure,
    resources=tuple(find_all(resources, Resource)),
    functions=tuple(find_all(functions, Function)),
    explain=explain,
)
