// Command sdkgen writes the SDKs of this provider from its schema:
//
//	sdkgen [-check] SCHEMA OUT LANGUAGE...
//	sdkgen -examples <SCHEMA >SCHEMA
//
// Each language's SDK becomes the folder OUT/LANGUAGE, and whatever else was generated there before is removed.
// With -check nothing is written; the exit code tells whether the folders hold exactly what would be.
//
// With -examples, the schema on stdin comes out with its examples in all languages; see examples.go.
//
// `pulumi package gen-sdk` does the same through the language hosts, but those that can be built from Go modules alone
// cannot generate. Calling the generators directly needs no host.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	dotnet "github.com/pulumi/pulumi-dotnet/pulumi-language-dotnet/v3/codegen"
	"github.com/pulumi/pulumi-java/pkg/codegen/java"
	"github.com/pulumi/pulumi/pkg/v3/codegen"
	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "sdkgen"

// files are a generated SDK: contents by slash-separated path.
type files = map[string][]byte

var languages = map[string]func(*schema.Package) (files, error){
	"python": generatePython,
	"nodejs": generateNodejs,
	"go":     generateGo,
	"dotnet": func(pkg *schema.Package) (files, error) {
		http.DefaultTransport = serveLogo{}
		for _, function := range pkg.Functions { // as the generator does with resources
			function.Comment = codegen.FilterExamples(function.Comment, "csharp")
		}
		sdk, err := dotnet.GeneratePackage(tool, pkg, nil, nil)
		if err != nil {
			return nil, err
		}
		return sdk, mend(sdk, "PagerDutyNative.Sdk.csproj", "</Project>", `  <ItemGroup>
    <None Include="LICENSE" Pack="True" PackagePath="" />
  </ItemGroup>

</Project>`)
	},
	"java": generateJava,
}

func main() {
	check := flag.Bool("check", false, "write nothing; fail when an SDK is not what would be written")
	examples := flag.Bool("examples", false, "add examples in all languages to the schema on stdin")
	flag.Usage = func() {
		names := strings.Join(slices.Sorted(maps.Keys(languages)), " ")
		fmt.Fprintf(os.Stderr, "usage: sdkgen [-check] SCHEMA OUT LANGUAGE...\nlanguages: %s\n", names)
		fmt.Fprintln(os.Stderr, "       sdkgen -examples <SCHEMA >SCHEMA")
	}
	flag.Parse()
	if *examples && flag.NArg() == 0 {
		if err := withExamples(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "sdkgen:", err)
			os.Exit(1)
		}
		return
	}
	if flag.NArg() < 3 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Arg(1), flag.Args()[2:], *check); err != nil {
		fmt.Fprintln(os.Stderr, "sdkgen:", err)
		os.Exit(1)
	}
}

func run(schemaPath, out string, names []string, check bool) error {
	var stale []string
	for _, name := range names {
		sdk, err := generate(schemaPath, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		differing, err := compare(filepath.Join(out, name), sdk)
		if err != nil {
			return err
		}
		if check {
			stale = append(stale, differing...)
		} else if err := write(differing, filepath.Join(out, name), sdk); err != nil {
			return err
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("%s is stale: run `make sdk`\n  %s", filepath.ToSlash(out), strings.Join(stale, "\n  "))
	}
	return nil
}

// generate binds the schema anew for each language, since generators leave their own marks in what they are given.
func generate(schemaPath, name string) (files, error) {
	generator, ok := languages[name]
	if !ok {
		return nil, errors.New("not a language that SDKs are generated for")
	}
	file, err := os.Open(schemaPath)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	spec, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaPath, err)
	}
	pkg, err := schema.ImportSpec(spec, nil, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaPath, err)
	}
	sdk, err := generator(pkg)
	if err != nil {
		return nil, err
	}
	license, err := os.ReadFile(filepath.Join(filepath.Dir(schemaPath), "LICENSE"))
	if err != nil {
		return nil, err
	}
	sdk["LICENSE"] = license
	if name == "java" { // jars hold resources only
		sdk["src/main/resources/META-INF/LICENSE"] = license
	}
	readme, err := readmeOf(spec, name)
	sdk["README.md"] = []byte(readme)
	return sdk, err
}

// readmeOf writes the page that a package has in its index: what it is, with the first example of the schema.
func readmeOf(spec schema.PackageSpec, name string) (string, error) {
	page := pages[name]
	described := spec.Resources[spec.Name+":index:Integration"].Description
	_, example, found := strings.Cut(described, "```"+page.language+"\n")
	if !found {
		return "", fmt.Errorf("the schema has no example in %s", page.language)
	}
	example, _, _ = strings.Cut(example, "```")
	return fmt.Sprintf("# %s\n\n%s\n\n```%s\n%s```\n\nThe keys and URLs are secret in previews, logs and state. "+
		"[Installation, configuration and more examples](%s).\n\nNot affiliated with PagerDuty, Inc.\n",
		page.title, spec.Description, page.language, example, spec.Repository), nil
}

// pages are the names of packages, and the languages of their examples.
var pages = map[string]struct{ title, language string }{
	"python": {"pulumi-pagerduty-native", "python"},
	"nodejs": {"pulumi-pagerduty-native", "typescript"},
	"go":     {"pagerdutynative", "go"},
	"dotnet": {"PagerDutyNative.Sdk", "csharp"},
	"java":   {"io.github.pulumi-pagerduty-native:pagerduty-native", "java"},
}

// read reads a schema.
func read(source io.Reader) (schema.PackageSpec, error) {
	var spec schema.PackageSpec
	decoder := json.NewDecoder(source)
	decoder.DisallowUnknownFields() // a misspelt field of the schema is an error, not silently nothing
	err := decoder.Decode(&spec)
	return spec, err
}

// withExamples copies a schema, written as the CLI writes it, and adds examples on the way.
func withExamples(source io.Reader, target io.Writer) error {
	spec, err := read(source)
	if err != nil {
		return err
	}
	if err := addExamples(&spec); err != nil {
		return err
	}
	encoder := json.NewEncoder(target)
	encoder.SetIndent("", "  ")
	return encoder.Encode(spec)
}

// compare lists, in order, the paths below dir that are missing, different or left over.
func compare(dir string, sdk files) ([]string, error) {
	var differing []string
	for path, want := range sdk {
		have, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil || !bytes.Equal(have, want) {
			differing = append(differing, filepath.Join(dir, path))
		}
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case entry.IsDir() && isBuildOutput(entry.Name()):
			return filepath.SkipDir
		case entry.IsDir():
			return nil
		}
		relative, err := filepath.Rel(dir, path)
		if _, generated := sdk[filepath.ToSlash(relative)]; err == nil && !generated && !isKept(relative) {
			differing = append(differing, path)
		}
		return err
	})
	slices.Sort(differing)
	return differing, err
}

// isBuildOutput tells folders that installing or building an SDK leaves in it: neither stale nor to be removed.
func isBuildOutput(folder string) bool {
	switch folder {
	case "__pycache__", "build", "dist", "node_modules", "bin", "obj", "target":
		return true
	}
	return strings.HasSuffix(folder, ".egg-info")
}

// isKept tells files of an SDK that are not made from the schema. Go's are kept by `go get` and `go mod tidy`: what the
// generator writes names only one of the modules that the SDK needs, so that the SDK alone would not compile.
func isKept(path string) bool {
	return path == "go.mod" || path == "go.sum"
}

// write makes the paths that compare found differing into what they should be, and touches no others.
func write(differing []string, dir string, sdk files) error {
	for _, path := range differing {
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		content, generated := sdk[filepath.ToSlash(relative)]
		if !generated {
			if err := os.Remove(path); err != nil {
				return err
			}
			removeEmpty(filepath.Dir(path))
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// removeEmpty removes a folder and its parents up to the first that still holds something.
func removeEmpty(dir string) {
	for os.Remove(dir) == nil {
		dir = filepath.Dir(dir)
	}
}

// generatePython mends what the generator's pyproject.toml has wrong: a form of license that setuptools gives up in
// February 2027.
func generatePython(pkg *schema.Package) (files, error) {
	license := pkg.License
	pkg.License = ""
	if err := forPublishing(pkg); err != nil {
		return nil, err
	}
	sdk, err := python.GeneratePackage(tool, pkg, nil, nil)
	if err != nil {
		return nil, err
	}
	sdk["pyproject.toml"] = []byte(strings.NewReplacer(
		"[project]\n", fmt.Sprintf("[project]\n  license = %q\n", license),
		"setuptools>=61.0", "setuptools>=77.0",
	).Replace(string(sdk["pyproject.toml"])))
	return sdk, nil
}

// generateNodejs makes the folder itself the npm package, compiled when it is installed in or packed. The generator
// leaves it to a build to copy package.json beside the compiled code, and to publish from there.
// forPublishing adds what the published Python SDK has beyond what the schema says, which is all that `pulumi package add`
// goes by: the plugin as a requirement, which whoever adds a package has already, and a pyproject.toml, the generator's
// being one that installs with warnings unless it is mended.
func forPublishing(pkg *schema.Package) error {
	if err := pkg.ImportLanguages(map[string]schema.Language{"python": python.Importer}); err != nil {
		return err
	}
	info, ok := pkg.Language["python"].(python.PackageInfo)
	if !ok {
		return errors.New("the generator keeps what the schema says about Python in another way than it did")
	}
	info.PyProject.Enabled = true
	info.Requires["pulumi-resource-"+pkg.Name] = "==" + python.PypiVersion(*pkg.Version)
	pkg.Language["python"] = info
	return nil
}

func generateNodejs(pkg *schema.Package) (files, error) {
	sdk, err := nodejs.GeneratePackage(tool, pkg, nil, nil, false, nil)
	if err != nil {
		return nil, err
	}
	sdk[".npmrc"] = []byte("package-lock=false\n")
	return sdk, errors.Join(
		// The package has no sources, so maps would lead nowhere.
		mend(sdk, "tsconfig.json", "        \"declarationMap\": true,\n        \"sourceMap\": true,\n", ""),
		mend(sdk, "utilities.ts", `require('./package.json')`, `require('../package.json')`),
		mend(sdk, "package.json", `"scripts": {
        "build": "tsc"
    },`, `"main": "bin/index.js",
    "types": "bin/index.d.ts",
    "files": [
        "bin"
    ],
    "scripts": {
        "build": "tsc",
        "prepare": "tsc"
    },`),
	)
}

func generateGo(pkg *schema.Package) (files, error) {
	sdk, err := golang.GeneratePackage(tool, pkg, nil)
	if err != nil {
		return nil, err
	}
	delete(sdk, "go.mod") // see isKept
	return sdk, nil
}

//go:embed pom.xml
var pom string

// generateJava adds what Maven needs: the generator knows only Gradle.
func generateJava(pkg *schema.Package) (files, error) {
	// It prints a warning for each secret setting: Java's Config has them as plain texts.
	stdout := os.Stdout
	os.Stdout = nil
	sdk, err := java.GeneratePackage(tool, pkg, nil, nil, false, false)
	os.Stdout = stdout
	if err != nil {
		return nil, err
	}
	info, ok := pkg.Language["java"].(*java.PackageInfo)
	if !ok {
		return nil, errors.New("the generator keeps what the schema says about Java in another way than it did")
	}
	sdk["pom.xml"] = []byte(strings.NewReplacer(
		"{group}", javaGroup,
		"{name}", pkg.Name,
		"{version}", pkg.Version.String(),
		"{description}", pkg.Description,
		"{repository}", pkg.Repository,
		"{pulumi}", info.Dependencies["com.pulumi:pulumi"],
	).Replace(pom))
	return sdk, addPluginJSON(sdk, pkg, info.BasePackage)
}

// javaGroup is the Maven group of the Java SDK. Its prefix is the one that Maven Central gives to a GitHub organization.
const javaGroup = "io.github.pulumi-pagerduty-native"

// javaBasePackage is the schema's basePackage.
const javaBasePackage = "io.github.pulumipagerdutynative"

// addPluginJSON writes plugin.json, which names the plugin that a Java program needs, and version.txt, which the SDK
// reads. The generator leaves both to Gradle.
func addPluginJSON(sdk files, pkg *schema.Package, basePackage string) error {
	plugin := struct {
		Resource bool   `json:"resource"`
		Name     string `json:"name"`
		Version  string `json:"version"`
		Server   string `json:"server,omitempty"`
	}{true, pkg.Name, pkg.Version.String(), pkg.PluginDownloadURL}
	text, err := json.MarshalIndent(plugin, "", "  ")
	// Pulumi's Java host finds plugin.json only at com/*/* of a jar; the SDK reads version.txt below its base package.
	sdk["src/main/resources/com/pulumipagerdutynative/"+pkg.Name+"/plugin.json"] = append(text, '\n')
	base := strings.ReplaceAll(strings.TrimSuffix(basePackage, "."), ".", "/")
	sdk["src/main/resources/"+base+"/"+pkg.Name+"/version.txt"] = []byte(pkg.Version.String())
	return err
}

// mend replaces a text that must be in a generated file, so that a newer generator does not slip through unmended.
func mend(sdk files, path, old, new string) error {
	if strings.Count(string(sdk[path]), old) != 1 {
		return fmt.Errorf("%s: there is no longer one %q to replace", path, old)
	}
	sdk[path] = []byte(strings.Replace(string(sdk[path]), old, new, 1))
	return nil
}

//go:embed logo.png
var logo []byte

// serveLogo answers every download with the logo: the .NET generator insists on downloading it, and an SDK must come
// out the same without a network.
type serveLogo struct{}

func (serveLogo) RoundTrip(request *http.Request) (*http.Response, error) {
	body := io.NopCloser(bytes.NewReader(logo))
	return &http.Response{StatusCode: http.StatusOK, Body: body, Request: request}, nil
}
