"""The package schema, as it follows from the declarations.

The format: https://www.pulumi.com/docs/iac/using-pulumi/pulumi-packages/schema/
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from pagerduty_native.framework.declare import (
    ListOf,
    MapOf,
    ObjectOf,
    OneOf,
    Property,
    Scalar,
    Type,
    member_name,
    properties_of,
)
from pagerduty_native.framework.resource import Function, Listable, Provider, Resource

Spec = dict[str, Any]

_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


def schema_of(provider: Provider[Any, Any]) -> Spec:
    """Return the Pulumi package schema of a provider."""
    return _Schema(provider).spec()


class _Schema:
    """A schema under construction.

    types: the objects and enums that properties refer to, collected on the way. enum_properties: by the token of an
    enum, the names of its properties in order.
    """

    def __init__(self, provider: Provider[Any, Any]) -> None:
        self.provider = provider
        self.types: dict[str, Spec] = {}
        self.enum_properties: dict[str, dict[str, None]] = {}

    def spec(self) -> Spec:
        settings = self.property_specs(self.provider.settings, inputs=True)
        for each in settings.values():
            # An SDK would send the default, and it would override the environment and the stack's configuration.
            each.pop("default", None)
        resources = {
            token: self.resource_spec(cls) for token, cls in self.provider.tokens.items() if issubclass(cls, Resource)
        }
        functions = {
            token: self.function_spec(cls) for token, cls in self.provider.tokens.items() if issubclass(cls, Function)
        }
        return {
            "name": self.provider.name,
            "version": self.provider.version,
            **self.provider.metadata,
            "config": {"variables": settings},
            "types": dict(sorted(self.types.items())),
            "provider": {
                "description": inspect.getdoc(self.provider.settings),
                "inputProperties": settings,
            },
            "resources": resources,
            "functions": functions,
        }

    def resource_spec(self, cls: type[Resource[Any, Any, Any]]) -> Spec:
        args, state = cls.types()
        inputs = self.property_specs(args, inputs=True)
        if not cls.can_update():
            for each in inputs.values():
                each["willReplaceOnChanges"] = True
        spec = {
            "description": inspect.getdoc(cls),
            "properties": self.property_specs(state, inputs=False),
            # Values from the server are typed as required, as in bridged providers, although one may be absent.
            # Otherwise, programs in typed languages would have to unwrap a key before they pass it on.
            "required": [each.name for each in properties_of(state) if each.from_server or not each.optional],
            "inputProperties": inputs,
            "requiredInputs": _required(args),
        }
        if issubclass(cls, Listable):
            spec["listInputs"] = self.object_spec(cls.list_args())
        return spec

    def function_spec(self, cls: type[Function[Any, Any, Any]]) -> Spec:
        args, result = cls.types()
        return {
            "description": inspect.getdoc(cls),
            "inputs": {"properties": self.property_specs(args, inputs=True), "required": _required(args)},
            "outputs": {
                "properties": self.property_specs(result, inputs=False),
                "required": [each.name for each in properties_of(result) if not each.optional],
            },
        }

    def property_specs(self, cls: type[Any], *, inputs: bool) -> dict[str, Spec]:
        return {each.name: self.property_spec(each, inputs=inputs) for each in properties_of(cls)}

    def property_spec(self, declared: Property, *, inputs: bool) -> Spec:
        field, type_ = declared.field, declared.type
        if isinstance(type_, OneOf) and field.identified_by and not inputs:
            type_ = type_.alternatives[0]
        type_spec = self.type_spec(type_)
        if field.enum and field.allowed and inputs:
            type_spec = {"oneOf": [type_spec, self.enum_spec(declared.name, field.enum, field.allowed)]}
        spec = {**type_spec, "description": _description(declared)}
        if field.secret:
            spec["secret"] = True
        if field.replaces and inputs:
            spec["willReplaceOnChanges"] = True
        if field.default_value is not None and inputs:
            spec["default"] = field.default_value
        return spec

    def type_spec(self, declared: Type) -> Spec:
        match declared:
            case Scalar(python):
                return {"type": _JSON_TYPES[python]}
            case ListOf(element):
                return {"type": "array", "items": self.type_spec(element)}
            case MapOf(element):
                return {"type": "object", "additionalProperties": self.type_spec(element)}
            case OneOf(alternatives):
                return {"oneOf": [self.type_spec(each) for each in alternatives]}
            case ObjectOf(cls):
                return {"$ref": f"#/types/{self.object_token(cls)}"}

    def enum_spec(self, property_name: str, name: str, allowed: Mapping[str, str]) -> Spec:
        token = f"{self.provider.name}:index:{name}"
        self.enum_properties.setdefault(token, {})[property_name] = None
        properties = ", ".join(f"`{each}`" for each in self.enum_properties[token])
        self.types[token] = {
            "type": "string",
            "description": f"Known values of {properties}. A program can also pass a string.",
            "enum": [
                {"name": member_name(value), "description": _capitalized(description), "value": value}
                for value, description in allowed.items()
            ],
        }
        return {"type": "string", "$ref": f"#/types/{token}"}

    def object_token(self, cls: type[Any]) -> str:
        token = f"{self.provider.name}:index:{cls.__name__}"
        if token not in self.types:
            spec = self.types[token] = {"type": "object", "description": inspect.getdoc(cls)}
            # Filled in afterwards, because an object may contain objects of its own type.
            spec.update(self.object_spec(cls))
        return token

    def object_spec(self, cls: type[Any]) -> Spec:
        return {"type": "object", "properties": self.property_specs(cls, inputs=True), "required": _required(cls)}


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _required(cls: type[Any]) -> list[str]:
    return [each.name for each in properties_of(cls) if each.required]


def _description(declared: Property) -> str:
    allowed = declared.field.allowed
    if allowed is None:
        return declared.field.description
    return f"{declared.field.description}\n\n{_listed(allowed)}"


def _listed(allowed: Mapping[str, str]) -> str:
    return "\n".join(f"- `{value}`: {meaning}" for value, meaning in allowed.items())
