package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ksim/scenarios"
	"ksim/tui/screen"
)

// pickByDefault lets ksim without a command show, on a terminal, the list of scenarios;
// elsewhere it prints its help.
func (e *Env) pickByDefault(root *cobra.Command) {
	f := &lookFlags{}
	f.add(root.Flags())
	root.RunE = func(c *cobra.Command, _ []string) error {
		if !e.screenFits() {
			return c.Help()
		}
		return e.pick(f)
	}
}

// screenFits tells whether a person watches, on a terminal that a screen can fill.
func (e *Env) screenFits() bool {
	return e.StdoutTerminal && e.Getenv("TERM") != "dumb" && e.Getenv("TERM") != ""
}

// pick shows the list of scenarios and opens those that are chosen, until it is left.
func (e *Env) pick(f *lookFlags) error {
	all, err := e.catalogue()
	if err != nil {
		return err
	}
	var listed []screen.Listed
	for _, x := range all {
		listed = append(listed, screen.Listed{Name: scenarios.Short(x.name), Subject: subject(scenarios.Folder(x.name)), Title: x.title, Story: x.story})
	}
	list := screen.NewPicker(listed, "slow-upload", e.theme(f), e.onlyASCII(f))
	for {
		if _, err := e.fill(list, f, nil); err != nil || list.Opened == "" {
			return err
		}
		if left, err := e.openPicked(list.Opened, f); err != nil {
			list.Tell(err.Error())
		} else if left {
			return nil
		}
		list.Reopen()
	}
}

// openPicked shows a scenario of the list; it tells whether ksim is to be left with it.
func (e *Env) openPicked(name string, f *lookFlags) (left bool, err error) {
	src, err := e.files().Read("@" + name)
	if err != nil {
		return false, err
	}
	s, found := src.Load(nil)
	if s == nil {
		return false, fmt.Errorf("%s is meant to be refused: %s", name, found[0].Message)
	}
	state := e.newState(&src, s, &runFlags{lookFlags: *f}, "")
	state.ComesFromList()
	_, err = e.fill(state, f, nil)
	return state.Left(), err
}
