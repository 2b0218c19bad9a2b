package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ksim/internal/seeds"
	"ksim/scenarios"
	"ksim/sim/scenario"
	"ksim/tui/model"
)

// newList is `ksim list`.
func newList(e *Env) *cobra.Command {
	markdown := false
	c := &cobra.Command{
		Use:   "list",
		Short: "list the scenarios that ksim brings along",
		Long: `list prints the scenarios that ksim brings along, by folder, each with its title.
@NAME runs one; @FOLDER/NAME does too.`,
		Example: `  ksim list
  ksim run @slow-upload
  ksim list --markdown > scenarios/README.md`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			all, err := e.catalogue()
			if err != nil {
				return err
			}
			if markdown {
				var claims []seeds.Document
				if claims, err = seeds.Load(); err == nil {
					_, err = io.WriteString(e.Stdout, markdownList(all)+claimsList(claims))
				}
			} else {
				_, err = io.WriteString(e.Stdout, plainList(all, e.Width))
			}
			return err
		},
	}
	c.Flags().BoolVar(&markdown, "markdown", false, "as the catalogue scenarios/README.md: titles, and how each story begins")
	return c
}

// entry is a scenario of the catalogue.
type entry struct{ name, title, story string } // the name with its folder

// catalogue reads all scenarios that ksim brings along, by folder: what is meant to
// be refused too.
func (e *Env) catalogue() ([]entry, error) {
	var all []entry
	for _, name := range scenarios.Names() {
		src, err := e.files().Read("@" + name)
		if err != nil {
			return nil, err
		}
		title, story := scenario.Titles(src.Text)
		all = append(all, entry{name, title, story})
	}
	return all, nil
}

// plainList is the catalogue for a terminal; a width of 0 breaks no line.
func plainList(all []entry, width int) string {
	var b strings.Builder
	widest := 0
	for _, x := range all {
		widest = max(widest, len(scenarios.Short(x.name)))
	}
	folder := ""
	for _, x := range all {
		if f := scenarios.Folder(x.name); f != folder {
			folder = f
			fmt.Fprintf(&b, "\n%s\n", folder)
		}
		first := fmt.Sprintf("  @%-*s  ", widest, scenarios.Short(x.name))
		writeWrapped(&b, first, strings.Repeat(" ", len(first)), x.title, width)
	}
	return b.String()
}

// markdownList is the catalogue scenarios/README.md.
func markdownList(all []entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Scenarios

%d scenarios, by subject: each a lesson, and a test of ksim. This page is what `+"`ksim list --markdown`"+` prints.

`+"```"+`
ksim run @NAME            what happens, with the story
ksim test scenarios       does each still show what it says?
`+"```"+`
`, len(all))
	folder := "?"
	for _, x := range all {
		f := scenarios.Folder(x.name)
		if f != folder {
			folder = f
			fmt.Fprintf(&b, "\n## %s\n\n| scenario | what it shows | the story begins |\n|---|---|---|\n", subject(f))
		}
		fmt.Fprintf(&b, "| [@%s](%s.yaml) | %s | %s |\n", scenarios.Short(x.name), x.name, cell(x.title), cell(model.FirstSentence(x.story)))
	}
	return b.String()
}

// subject is the title of a folder.
func subject(folder string) string {
	if folder == "" {
		return "The first one"
	}
	return strings.ToUpper(folder[:1]) + strings.ReplaceAll(folder[1:], "-", " ")
}

// claimsList is the part of the catalogue that says which scenarios show what the
// seeds claim.
func claimsList(all []seeds.Document) string {
	var b strings.Builder
	b.WriteString(`
## What the seeds claim, and where it is shown

Each claim of the documents that ksim was made from, with the scenarios that show it. What they measure: [docs/seeds.md](../docs/seeds.md).

| | the seed says | today | scenarios |
|---|---|---|---|
`)
	for _, d := range all {
		for i := range d.Claims {
			c := &d.Claims[i]
			where := "not run: " + c.Because
			if names := c.Scenarios(); len(names) > 0 {
				where = "@" + strings.Join(names, ", @")
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.ID, cell(c.Seed), c.Verdict, cell(where))
		}
	}
	return b.String()
}
