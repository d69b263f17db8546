package local

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Logging says which of a command's streams are shown while it runs; both when it is not given.
type Logging string

const (
	logStdout Logging = "stdout"
	logStderr Logging = "stderr"
	logBoth   Logging = "stdoutAndStderr"
	logNone   Logging = "none"
)

// Values lists what the schema allows.
func (Logging) Values() []infer.EnumValue[Logging] {
	return []infer.EnumValue[Logging]{
		{Name: "stdout", Value: logStdout},
		{Name: "stderr", Value: logStderr},
		{Name: "stdoutAndStderr", Value: logBoth},
		{Name: "none", Value: logNone},
	}
}

func (l *Logging) shows(stream Logging) bool {
	return l == nil || *l == logBoth || *l == stream
}

// Inputs are the properties of local.Command that a program sets.
type Inputs struct {
	Create                 *string            `pulumi:"create,optional"`
	Update                 *string            `pulumi:"update,optional"`
	Delete                 *string            `pulumi:"delete,optional"`
	Triggers               *[]any             `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Stdin                  *string            `pulumi:"stdin,optional"`
	Logging                *Logging           `pulumi:"logging,optional"`
	Interpreter            *[]string          `pulumi:"interpreter,optional"`
	Dir                    *string            `pulumi:"dir,optional"`
	Environment            *map[string]string `pulumi:"environment,optional"`
	AddPreviousOutputInEnv *bool              `pulumi:"addPreviousOutputInEnv,optional"`
}

// Outputs are what a command printed, and its inputs.
type Outputs struct {
	Inputs
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// elsewhere are inputs of the official plugin that are refused with a reason of their own.
var elsewhere = []string{"assetPaths", "archivePaths"}

// engineInputs are added by the engine itself.
var engineInputs = []string{"__defaults", "__internal", "__pulumi_raw_state_delta"}

// badInputs finds what the library would let pass without a word.
func badInputs(given property.Map) []p.CheckFailure {
	known := inputNames()
	var failures []p.CheckFailure
	if level := given.Get("logging"); level.IsString() && !isLogging(level.AsString()) {
		reason := fmt.Sprintf("%q is not valid: must be one of stdout, stderr, stdoutAndStderr, none", level.AsString())
		failures = append(failures, p.CheckFailure{Property: "logging", Reason: reason})
	}
	for name := range given.All {
		if slices.Contains(known, name) || slices.Contains(engineInputs, name) {
			continue
		}
		reason := fmt.Sprintf("local.Command has no input %q", name)
		if slices.Contains(elsewhere, name) {
			reason = fmt.Sprintf("%s is not in this stand-in of the command plugin", name)
		}
		failures = append(failures, p.CheckFailure{Property: name, Reason: reason})
	}
	slices.SortFunc(failures, func(a, b p.CheckFailure) int { return strings.Compare(a.Property, b.Property) })
	return failures
}

func isLogging(level string) bool {
	return slices.ContainsFunc(Logging("").Values(), func(known infer.EnumValue[Logging]) bool {
		return string(known.Value) == level
	})
}

func inputNames() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Inputs]()) {
		name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
		names = append(names, name)
	}
	return names
}
