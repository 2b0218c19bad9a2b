package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ksim/internal/golden"
	"ksim/sim/clock"
)

// TestGoodFiles prints what is made of files that are right: defaults filled in,
// members over groups, names of counted members, expectations with their
// windows.
func TestGoodFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, found := Load(filepath.Base(file), src, Options{})
			if s == nil || len(found) > 0 {
				t.Fatalf("refused or warned of:\n%v", found)
			}
			golden.File(t, strings.TrimSuffix(file, ".yaml")+".txt", printed(s))
		})
	}
}

// printed is a scenario as text, one thing a line; what is zero is left out.
func printed(s *Scenario) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s %q seed %d duration %s", s.Name, s.Title, s.Seed, s.Duration)
	line("cluster %s: %d brokers, latency %s", s.Cluster.Version, s.Cluster.Brokers, s.Cluster.Latency)
	for _, t := range s.Topics {
		line("topic %s: %d partitions, %d replicas", t.Name, t.Partitions, t.Replicas)
	}
	for _, p := range s.Producers {
		line("producer %s: to %s, %d in %s, %d bytes, from %s%s", p.Name, p.Topic, p.Rate.Records, p.Rate.Per, p.Size, p.From,
			nonZero("to", never(p.To)))
	}
	for _, g := range s.Groups {
		line("group %s reads %v", g.ID, g.Topics)
		for _, m := range g.Members {
			line("  %s: %s%s", place{pos: m.Pos}, m.Name, nonZero("start", m.Start, "client", m.Client,
				"auto-commit", m.Config.Bool("enable.auto.commit"), "session", m.Config.Millis("session.timeout.ms")))
			line("    app%s", printedApp(m.App))
		}
	}
	for _, a := range s.Timeline {
		line("%s: %s %s%s", place{pos: a.Pos}, a.At, a.Kind, nonZero("member", a.Member, "for", a.For, "work", a.Work,
			"topic", a.Topic, "total", a.Total, "producer", a.Producer, "records", a.Rate.Records, "per", a.Rate.Per))
	}
	for _, n := range s.Narration {
		line("%s: narration%s", place{pos: n.Pos}, nonZero("at", never(n.At), "on", n.On, "match", n.Match, "text", n.Text,
			"say", n.Say, "ask", n.Ask, "choices", n.Choices, "answer", n.Answer, "note", n.Note, "chapter", n.Chapter))
	}
	for _, e := range s.Expect {
		line("%s: %s", place{pos: e.Pos}, e.Source)
		line("  kind %d, %s to %s, at %s%s", e.Kind, e.Window.From, e.Window.To, e.At, nonZero("match", e.Match, "order", e.Order,
			"each second", e.HasWindow, "exactly", figureOf(e.Bound.Exactly), "at-least", figureOf(e.Bound.AtLeast), "at-most", figureOf(e.Bound.AtMost),
			"group", e.Group, "member", e.Member, "partition", e.Partition, "owner", e.Owner, "within", e.Within, "after", e.After,
			"buffer", e.Buffer, "bytes", e.Bytes, "refused", e.Refused))
	}
	return b.String()
}

func printedApp(a App) string {
	return nonZero("model", a.Model, "process", a.Process, "commit", a.Commit, "batch", a.Batch, "poll-timeout", a.PollTimeout,
		"drain", a.Drain, "flush-records", a.FlushRecords, "flush-size", a.FlushSize, "flush-age", a.FlushAge,
		"age-on-poll", a.AgeOnPoll, "upload", a.Upload, "on-revoke", a.OnRevoke)
}

// nonZero prints names and values in turn, without those that are zero.
func nonZero(pairs ...any) string {
	text := ""
	for i := 0; i < len(pairs); i += 2 {
		if v := reflect.ValueOf(pairs[i+1]); !v.IsZero() {
			text += fmt.Sprintf(", %s %v", pairs[i], pairs[i+1])
		}
	}
	return text
}

func (p place) String() string { return fmt.Sprintf("%d:%d", p.pos.Line, p.pos.Col) }

// never makes the absent time zero, so that it is left out.
func never(t clock.Time) clock.Time {
	if t == clock.Never {
		return 0
	}
	return t
}

// figureOf prints a limit, "" for none.
func figureOf(n *int64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}
