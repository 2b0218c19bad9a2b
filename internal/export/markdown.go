package export

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/trace"
	"ksim/tui/chart"
	"ksim/tui/model"
	"ksim/tui/plain"
)

// writeMarkdown writes a transcript: what happened, with the lines of log and what the
// scenario says of it, the lag, the figures.
func writeMarkdown(x *work, w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# %s\n\n", markdownText(x.heading()))
	fmt.Fprintf(out, "%s\n\n", markdownText(strings.Join(plain.Facts(x.s, x.Version), " · ")))
	if story := strings.TrimSpace(x.s.Story); story != "" {
		fmt.Fprintf(out, "%s\n\n", story) // it is Markdown
	}
	for i := range x.s.Groups {
		fmt.Fprintf(out, "- %s\n", markdownText(plain.Introduce(x.s, &x.s.Groups[i])))
	}
	out.WriteString("\n## What happened\n\n")
	x.markdownEvents(out)
	for i := range x.s.Groups {
		x.markdownLag(out, i)
	}
	out.WriteString("## In short\n\n")
	for _, sentence := range x.outline.Story {
		fmt.Fprintf(out, "%s\n\n", markdownText(sentence))
	}
	for i, line := range x.outline.Table {
		for k := range line {
			line[k] = strings.ReplaceAll(markdownText(line[k]), "|", "\\|")
		}
		fmt.Fprintf(out, "| %s |\n", strings.Join(line, " | "))
		if i == 0 {
			fmt.Fprintf(out, "|---|---|%s\n", strings.Repeat("---:|", len(line)-2))
		}
	}
	return out.Flush()
}

// markdownEvents writes an item for each event of interest, with the lines of log at
// its instant below it, and what is said as quotations.
func (x *work) markdownEvents(out *bufio.Writer) {
	entries, narration := x.run.Entries(), x.told()
	say := func(before uint64) {
		for len(narration) > 0 && narration[0].Seq < before {
			n := &narration[0]
			narration = narration[1:]
			for _, text := range []string{n.Say, n.Ask} {
				if text = model.Unfold(strings.TrimSpace(text)); text != "" {
					fmt.Fprintf(out, "> **%s** %s\n\n", model.ClockText(n.At), strings.ReplaceAll(text, "\n", "\n> "))
				}
			}
		}
	}
	for i := 0; i < len(entries); {
		var logs []*trace.Event
		at := entries[i].At
		n := 0
		for ; i < len(entries) && entries[i].At == at; i++ {
			e := &entries[i]
			say(e.Seq)
			switch {
			case e.Type == trace.Log:
				logs = append(logs, &e.Event)
			case model.OfInterest(e):
				n++
				fmt.Fprintf(out, "- **%s** %s %s\n", model.ClockText(e.At), strings.TrimSpace(e.Tone.Sign()), markdownText(e.Text))
			}
		}
		if len(logs) > 0 {
			if n == 0 {
				fmt.Fprintf(out, "- **%s**\n", model.ClockText(at))
			}
			markdownLogs(out, logs)
		}
		out.WriteByte('\n')
	}
	say(atEnd)
}

// markdownLogs writes lines of log, word for word.
func markdownLogs(out *bufio.Writer, logs []*trace.Event) {
	fence := "```"
	for _, e := range logs {
		for strings.Contains(e.Text+strings.Join(e.More, "\n"), fence) {
			fence += "`"
		}
	}
	fmt.Fprintf(out, "\n  %stext\n", fence)
	for _, e := range logs {
		who := e.Member
		if e.Broker > 0 {
			who = fmt.Sprintf("broker %d", e.Broker)
		}
		fmt.Fprintf(out, "  %s %s %s\n", who, e.Level, strings.ReplaceAll(e.Text, "\n", "\n  "))
		for _, more := range e.More {
			fmt.Fprintf(out, "  %s\n", strings.ReplaceAll(more, "\n", "\n  "))
		}
	}
	fmt.Fprintf(out, "  %s\n", fence)
}

// markdownLag draws the lag of a group with characters.
func (x *work) markdownLag(out *bufio.Writer, group int) {
	series := x.run.Lag(group, x.s.Duration)
	if len(series) == 0 {
		return
	}
	fmt.Fprintf(out, "## Lag of %s\n\n```text\n", markdownText(x.s.Groups[group].ID))
	p := chart.Plot{Series: series, To: max(x.s.Duration, clock.Second), Width: 100, PerTick: 2, Lanes: x.run.Lanes(group, atEnd, x.s.Duration, false)}
	for _, l := range p.Lines() {
		fmt.Fprintf(out, "%s\n", l)
	}
	out.WriteString("```\n\n")
}

// markdownText is a text in which nothing means anything to Markdown.
func markdownText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", "&", "&amp;", "[", `\[`, "]", `\]`, "\n", " ").Replace(s)
}
