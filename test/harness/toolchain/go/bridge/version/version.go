// Package version holds the version of the plugin that is built, set by the linker: the npm package's, so that the engine's
// choice of plugin fits the SDK.
package version

// Plugin is a semantic version without "v".
var Plugin = "0.0.0"
