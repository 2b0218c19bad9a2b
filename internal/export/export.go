// Package export makes of a run what can be taken away: a page that plays it, a
// picture, a recording of the screen, a transcript, and its lag for other tools. All of
// it reads tui/model, as the screen does, and the trace; nothing here simulates or
// decides. The same run gives the same bytes.
package export

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/model"
	"ksim/tui/plain"
)

// Options are what an export is told beside the run.
type Options struct {
	Version string // of ksim
	// Epoch is what 0s of virtual time is in formats that know dates, in seconds since
	// 1970.
	Epoch int64
	// Progress is told, now and then, which part of the work is done, in 1000ths.
	Progress func(done int)
}

// Format is one kind of export.
type Format struct {
	Name       string
	Extensions []string // the first is that of a file's default name
	Title      string
	ToFile     bool // on a terminal it goes to a file: nobody reads it there
	write      func(*work, io.Writer) error
}

// Formats are all of them, the default first.
var Formats = []Format{
	{"html", []string{".html", ".htm"}, "one page that plays the run, offline: timeline, chart, causes", true, writePage},
	{"svg", []string{".svg"}, "a picture: who sent what to whom when, and the lag", true, writeSVG},
	{"cast", []string{".cast"}, "a recording of the terminal UI for asciinema, with markers", true, writeCast},
	{"markdown", []string{".md", ".markdown"}, "a transcript", false, writeMarkdown},
	{"perfetto", []string{".perfetto.json", ".json"}, "tracks and counters for ui.perfetto.dev (Chrome's JSON trace)", true, writePerfetto},
	{"mermaid", []string{".mmd", ".mermaid"}, "a sequence diagram, for documents", false, writeMermaid},
	{"csv", []string{".csv"}, "the lag of each partition at each full second (of more than an hour: every 5 s, 15 s, …)", false, writeCSV},
	{"openmetrics", []string{".om", ".openmetrics", ".prom"}, "the same with kafka-exporter's metric names, for Prometheus", false, writeOpenMetrics},
}

// ByName finds a format.
func ByName(name string) (*Format, bool) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return nil, false
	}
	return &Formats[i], true
}

// ByFile finds the format that a file's name ends for.
func ByFile(name string) (*Format, bool) {
	name = strings.ToLower(name)
	for i := range Formats {
		for _, end := range Formats[i].Extensions {
			if strings.HasSuffix(name, end) {
				return &Formats[i], true
			}
		}
	}
	return nil, false
}

// work is what the formats are made from.
type work struct {
	Options
	run     *model.Run // at its end
	s       *scenario.Scenario
	outline plain.Outline
	offsets []trace.Event // where the groups stand, every so often
	sampled []moment      // in even distances, for frames
	// cause is, by number, the nearest event that is in words: the event itself, or what
	// led to it.
	cause []uint64
	messages
}

// heading is the scenario's name with its title, where it has one.
func (x *work) heading() string {
	if x.s.Title == "" {
		return x.s.Name
	}
	return x.s.Name + ": " + x.s.Title
}

// Write writes a run, which is run to its end for it.
func Write(w io.Writer, f *Format, r *model.Run, o Options) error {
	if o.Progress == nil {
		o.Progress = func(int) {}
	}
	for r.Advance(progressEvery) {
	}
	x := &work{Options: o, run: r, s: r.Scenario()}
	x.read()
	if err := f.write(x, w); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	return nil
}

// read goes through all events once.
func (x *work) read() {
	out := plain.NewOutliner(x.s)
	x.beats = map[string][]clock.Time{}
	every := x.every()
	entries := x.run.Entries()
	_, last, _ := x.run.Head()
	x.cause = make([]uint64, last+1)
	step := x.frameStep()
	for e := range x.run.Events() {
		if e.Seq%progressEvery == 0 {
			x.Progress(int(int64(e.At) * 400 / max(int64(x.s.Duration), 1)))
		}
		for t := clock.Duration(len(x.sampled)+1) * step; e.At > t; t += step {
			x.sampled = append(x.sampled, moment{t, e.Seq - 1})
		}
		x.cause[e.Seq] = x.cause[e.Cause]
		if len(entries) > 0 && entries[0].Seq == e.Seq {
			if entries[0].Text != "" {
				x.cause[e.Seq] = e.Seq
			}
			entries = entries[1:]
		}
		out.Event(e)
		x.take(e)
		if e.Type == trace.Offsets && (e.At%every == 0 || e.At == x.s.Duration) {
			x.offsets = append(x.offsets, *e)
		}
	}
	for t := clock.Duration(len(x.sampled)+1) * step; t <= x.s.Duration; t += step {
		x.sampled = append(x.sampled, moment{t, last})
	}
	x.sort()
	x.outline = out.End(x.run.Summary())
}

// mostSamples is at how many instants figures are given: of an hour all full seconds.
const mostSamples = 3600

// every is the distance between them.
func (x *work) every() clock.Duration {
	for _, d := range []clock.Duration{clock.Second, 5 * clock.Second, 15 * clock.Second, clock.Minute, 5 * clock.Minute, 15 * clock.Minute} {
		if x.s.Duration/d <= mostSamples {
			return d
		}
	}
	return clock.Hour
}

// progressEvery is how many events pass between two words of progress.
const progressEvery = 1 << 14

// atEnd is behind every event.
const atEnd = uint64(1<<64 - 1)
