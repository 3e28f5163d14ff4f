package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/blang/semver"
	dotnet "github.com/pulumi/pulumi-dotnet/pulumi-language-dotnet/v3/codegen"
	"github.com/pulumi/pulumi-java/pkg/codegen/java"
	"github.com/pulumi/pulumi-yaml/pkg/pulumiyaml"
	yaml "github.com/pulumi/pulumi-yaml/pkg/pulumiyaml/codegen"
	"github.com/pulumi/pulumi/pkg/v3/codegen"
	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/hashicorp/hcl/v2"
)

// converters make programs of examples, in the order in which the Pulumi Registry shows languages.
var converters = []struct {
	language string
	generate func(*pcl.Program) (map[string][]byte, hcl.Diagnostics, error)
}{
	{"typescript", nodejs.GenerateProgram},
	{"python", python.GenerateProgram},
	{"csharp", dotnet.GenerateProgram},
	{"go", golang.GenerateProgram},
	{"java", java.GenerateProgram},
}

var (
	yamlBlock = regexp.MustCompile("(?sm)^```yaml\n(.*?)^```\n?")
	// The one heading below which examples stand, each below a heading of its own.
	examplesHeading = "## Example Usage\n"
)

// addExamples gives every example in the schema's descriptions, which are written in YAML, in the other languages too,
// marked as the Pulumi Registry wants it. Each SDK then shows only its own language.
func addExamples(spec *schema.PackageSpec) error {
	plain, err := withoutEnums(*spec)
	if err != nil {
		return err
	}
	pkg, err := schema.ImportSpec(plain, nil, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return err
	}
	for token, resource := range spec.Resources {
		if resource.Description, err = inAllLanguages(resource.Description, pkg); err != nil {
			return fmt.Errorf("the example of %s: %w", token, err)
		}
		spec.Resources[token] = resource
	}
	for token, function := range spec.Functions {
		if function.Description, err = inAllLanguages(function.Description, pkg); err != nil {
			return fmt.Errorf("the example of %s: %w", token, err)
		}
		spec.Functions[token] = function
	}
	return nil
}

// withoutEnums gives a copy of the schema in which properties with known values are just strings. Converters would write
// the constants, such as `pulumi.String(pagerdutynative.EmailMatchModeMatch)` for `pulumi.String("match")`.
func withoutEnums(spec schema.PackageSpec) (plain schema.PackageSpec, err error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return plain, err
	}
	if err := json.Unmarshal(text, &plain); err != nil {
		return plain, err
	}
	for _, resource := range plain.Resources {
		makePlain(resource.InputProperties, spec)
	}
	for _, object := range plain.Types {
		makePlain(object.Properties, spec)
	}
	for _, function := range plain.Functions {
		if function.Inputs != nil {
			makePlain(function.Inputs.Properties, spec)
		}
	}
	return plain, nil
}

func makePlain(properties map[string]schema.PropertySpec, spec schema.PackageSpec) {
	for name, property := range properties {
		for _, alternative := range property.OneOf {
			if len(spec.Types[strings.TrimPrefix(alternative.Ref, "#/types/")].Enum) > 0 {
				property.TypeSpec = schema.TypeSpec{Type: "string"}
				properties[name] = property
			}
		}
	}
}

// inAllLanguages marks the section of examples in a description, and each example in it.
func inAllLanguages(description string, pkg *schema.Package) (string, error) {
	before, examples, found := strings.Cut(description, examplesHeading)
	if !found {
		return description, nil
	}
	examples, after, _ := strings.Cut(examples, "\n## ")
	if after != "" {
		after = "\n## " + after
	}
	var failed error
	marked := yamlBlock.ReplaceAllStringFunc(examples, func(block string) string {
		programs, err := convert(yamlBlock.FindStringSubmatch(block)[1], pkg)
		failed = errors.Join(failed, err)
		return programs + strings.TrimRight(block, "\n") + "\n{{% /example %}}\n"
	})
	marked = strings.ReplaceAll(marked, "### ", "{{% example %}}\n### ")
	return before + "{{% examples %}}\n" + examplesHeading + strings.TrimRight(marked, "\n") + "\n{{% /examples %}}\n" + after,
		failed
}

// convert gives the program in a YAML example in the other languages, each in a code block.
func convert(example string, pkg *schema.Package) (string, error) {
	var blocks strings.Builder
	for _, converter := range converters {
		template, problems, err := pulumiyaml.LoadYAMLBytes("example", []byte(example))
		if err = errors.Join(err, ofDiagnostics(problems.HCL())); err != nil {
			return "", err
		}
		program, diagnostics, err := yaml.EjectProgram(template, only{pkg})
		if err = errors.Join(err, ofDiagnostics(diagnostics)); err != nil {
			return "", err
		}
		files, diagnostics, err := converter.generate(program)
		if err = errors.Join(err, ofDiagnostics(diagnostics)); err != nil {
			return "", fmt.Errorf("%s: %w", converter.language, err)
		}
		if len(files) != 1 {
			return "", fmt.Errorf("%s: a program of %d files", converter.language, len(files))
		}
		for _, text := range files {
			text := mended(converter.language, strings.TrimSpace(string(text)), pkg)
			fmt.Fprintf(&blocks, "```%s\n%s\n```\n", converter.language, text)
		}
	}
	return blocks.String(), nil
}

// mended makes programs compile where the converters do not quite know what the generators of the SDKs do.
func mended(language, program string, pkg *schema.Package) string {
	switch language {
	case "go":
		return mendedGo(program, pkg)
	case "java":
		return mendedJava(program, pkg)
	}
	return program
}

// mendedGo calls functions Lookup where Get is the function that every resource has, as the SDK does.
func mendedGo(program string, pkg *schema.Package) string {
	for _, resource := range pkg.Resources {
		name := resource.Token[strings.LastIndex(resource.Token, ":")+1:]
		get := regexp.MustCompile(`\.Get` + name + `(\(ctx, &\w+\.)Get` + name + `Args\b`)
		program = get.ReplaceAllString(program, ".Lookup"+name+"${1}Lookup"+name+"Args")
	}
	return program
}

var (
	javaResult  = regexp.MustCompile(`final var (\w+) = \w+Functions\.(\w+)\(`)
	javaImports = "import com.pulumi.core.Output;\n"
)

// mendedJava applies to what a function gives, which is an Output, and chooses among the types of a union.
func mendedJava(program string, pkg *schema.Package) string {
	// The converter knows only Pulumi's own base package.
	name := strings.ReplaceAll(pkg.Name, "-", "")
	program = strings.ReplaceAll(program, "com.pulumi."+name+".", javaBasePackage+"."+name+".")
	either := false
	for _, result := range javaResult.FindAllStringSubmatch(program, -1) {
		variable, function := result[1], result[2]
		use := regexp.MustCompile(`\.(\w+)\(("\w+", )?` + variable + `\.(.+\(\))\)`)
		program = use.ReplaceAllStringFunc(program, func(text string) string {
			parts := use.FindStringSubmatch(text)
			property, before, value := parts[1], parts[2], fmt.Sprintf("%sResult.%s", function, parts[3])
			if isUnion(property, pkg) {
				value = fmt.Sprintf("Either.ofLeft(%s)", value)
				either = true
			}
			return fmt.Sprintf(".%s(%s%s.applyValue(%sResult -> %s))", property, before, variable, function, value)
		})
	}
	if either {
		program = strings.Replace(program, javaImports, "import com.pulumi.core.Either;\n"+javaImports, 1)
	}
	return program
}

// isUnion tells whether a property of this name may be of one type or another.
func isUnion(name string, pkg *schema.Package) bool {
	for _, resource := range pkg.Resources {
		for _, property := range resource.InputProperties {
			if _, union := codegen.UnwrapType(property.Type).(*schema.UnionType); union && property.Name == name {
				return true
			}
		}
	}
	return false
}

func ofDiagnostics(diagnostics hcl.Diagnostics) error {
	if len(diagnostics) > 0 { // a warning, too, is a program that does not say what the example says
		return diagnostics
	}
	return nil
}

// only loads the one package that examples are about, from what is being generated.
type only struct{ pkg *schema.Package }

func (loader only) LoadPackage(name string, _ *semver.Version) (*schema.Package, error) {
	if name != loader.pkg.Name {
		return nil, fmt.Errorf("examples use the package %s alone, not %s", loader.pkg.Name, name)
	}
	return loader.pkg, nil
}

func (loader only) LoadPackageV2(_ context.Context, descriptor *schema.PackageDescriptor) (*schema.Package, error) {
	return loader.LoadPackage(descriptor.Name, descriptor.Version)
}

func (loader only) LoadPackageReference(name string, version *semver.Version) (schema.PackageReference, error) {
	pkg, err := loader.LoadPackage(name, version)
	if err != nil {
		return nil, err
	}
	return pkg.Reference(), nil
}

func (loader only) LoadPackageReferenceV2(
	_ context.Context, descriptor *schema.PackageDescriptor,
) (schema.PackageReference, error) {
	return loader.LoadPackageReference(descriptor.Name, descriptor.Version)
}
