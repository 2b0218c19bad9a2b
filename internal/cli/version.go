package cli

// Version is ksim's semantic version. The same scenario and seed give the same
// bytes as long as it stays; a change of what a run says changes it.
const Version = "0.1.0"

func versionText() string { return Version }
