package cli

import (
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/trace"
)

// blockScenario is what every client is put to: a record that takes six minutes
// in the loop that polls.
const (
	blockScenario = "six-minute-block"
	blockedMember = "A"
)

// contender is one row of the table: a client and what beside its name has to be
// set for it.
type contender struct {
	name string
	set  []string
}

// contenders are the newest of every profile, and the versions and protocols
// that behave otherwise.
func contenders() []contender {
	const group = "groups.workers."
	var all []contender
	for _, p := range config.Profiles() {
		all = append(all, contender{p, []string{group + "client=" + p}})
		switch p {
		case "java", "librdkafka":
			all = append(all, contender{p + ", group.protocol=consumer", []string{group + "client=" + p, group + "config.group.protocol=consumer"}})
		}
		if p == "java" {
			all = append(all, contender{"java@0.10.0", []string{group + "client=java@0.10.0", "cluster.version=3.9"}})
		}
	}
	return all
}

// newClients is `ksim clients`.
func newClients(e *Env) *cobra.Command {
	markdown := false
	c := &cobra.Command{
		Use:   "clients",
		Short: "show how each client takes a six-minute block in its poll loop",
		Long: `clients runs @` + blockScenario + ` with every client that ksim knows and prints in a table
who notices that the loop is blocked for six minutes, when, what the application
sees, and how many records are read again. All else is the client's default.`,
		Example: `  ksim clients
  ksim clients --markdown > clients.md
  ksim run @` + blockScenario + ` --set groups.workers.client=kafkajs`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return e.clients(e.Stdout, markdown) },
	}
	c.Flags().BoolVar(&markdown, "markdown", false, "as a Markdown table")
	return c
}

// clients writes the table.
func (e *Env) clients(out io.Writer, markdown bool) error {
	src, err := e.files().Read("@" + blockScenario)
	if err != nil {
		return err
	}
	rows := [][]string{{"client", "who notices", "after", "what the application sees", "records read again"}}
	for _, c := range contenders() {
		s, found := src.Load(c.set)
		if refused, is := found.FirstError(); is {
			rows = append(rows, []string{c.name, "refused: " + refused.Message, "", "", ""})
			continue
		}
		x := &blocked{since: clock.Never}
		sim.New(s, sim.Options{Sink: x}).Run()
		rows = append(rows, []string{c.name, x.who(), x.after(), x.seen(), strconv.FormatInt(x.again, 10)})
	}
	table := textTable(rows, e.textWidth())
	if markdown {
		table = markdownTable(rows)
	}
	_, err = io.WriteString(out, table)
	return err
}

// blocked watches the first block of a run: what the group and the application
// learn of it until the application works again.
type blocked struct {
	since clock.Time // when the block began
	gone  trace.Event
	sees  []string
	again int64
	over  bool
}

// Event takes in an event.
func (x *blocked) Event(e *trace.Event) {
	switch e.Type {
	case trace.Processed:
		x.again += e.Repeated
		return
	case trace.WorkStarted:
		x.since = min(x.since, e.At)
		return
	}
	if x.over || e.At < x.since || e.Member != blockedMember {
		return
	}
	switch e.Type {
	case trace.PartitionsAssigned: // it works again
		x.over = x.gone.Type != ""
	case trace.MemberLeft, trace.MemberRemoved:
		if x.gone.Type == "" {
			x.gone = *e
		}
	case trace.CommitFailed:
		x.see("commit: " + e.Error)
	case trace.PollFailed:
		x.see("poll: " + e.Error)
	case trace.PollExceeded:
		x.see("log or poll: " + firstWords(e.Text))
	case trace.PartitionsLost, trace.PartitionsRevoked:
		x.see(strings.TrimPrefix(string(e.Type), "partitions.") + " callback")
	case trace.MemberStopped:
		x.see("its program ends: " + e.Error)
	}
}

func (x *blocked) see(what string) {
	if n := len(x.sees); n == 0 || x.sees[n-1] != what {
		x.sees = append(x.sees, what)
	}
}

// firstWords is the beginning of a long text.
func firstWords(text string) string {
	text, _, _ = strings.Cut(text, ". ")
	return text
}

// who is who ended the membership.
func (x *blocked) who() string {
	switch x.gone.Type {
	case trace.MemberLeft:
		return "its own client, which leaves"
	case trace.MemberRemoved:
		return "the coordinator: " + x.gone.Reason
	}
	return "nobody"
}

// after is how long into the block that was.
func (x *blocked) after() string {
	if x.gone.Type == "" {
		return "–"
	}
	return ((x.gone.At - x.since) / clock.Millisecond * clock.Millisecond).String()
}

func (x *blocked) seen() string {
	if len(x.sees) == 0 {
		return "nothing"
	}
	return strings.Join(x.sees, "; ")
}
