//go:build !unix

package cli

// suspend is nothing here: there is no job control.
var suspend func()
