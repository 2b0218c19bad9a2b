package suite

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"ksim/sim/expect"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Golden traces are what `ksim run FILE --format jsonl` printed once and is to
// print for ever. FILE.yaml's is FILE.golden.jsonl beside it, or
// FILE.golden.jsonl.gz where that is there: a plain one can be read in a review, a
// packed one is small.
type Golden struct {
	Update bool                                    // write them anew
	Write  func(name string, content []byte) error // a file whole or not at all
}

const (
	goldenEnding = ".golden.jsonl"
	packedEnding = goldenEnding + ".gz"
)

// goldenTrace is a golden trace while its scenario runs.
type goldenTrace struct {
	file   string
	update bool
	packed bool
	save   func(name string, content []byte) error

	want    []byte // what is there
	version string // of the ksim that wrote it
	own     string // of this one
	got     bytes.Buffer
	recent  []trace.Event // up to the first event that differs
	differs *difference
	seen    int // lines
	command string
	line    []byte
}

// difference is the first line that is not as the golden trace has it.
type difference struct {
	line      int
	want, got string
	at        *trace.Event // the run's event; nil: it has ended
}

// open begins to compare a run with its golden trace, or to write one; nil when
// there is nothing to do.
func (g *Golden) open(src *Source, s *scenario.Scenario, o *Options) (*goldenTrace, error) {
	if src.path == "" || len(o.Set) > 0 || o.Seed != nil {
		return nil, nil // no place beside it, or another run than the file's own
	}
	base := strings.TrimSuffix(src.path, filepath.Ext(src.path))
	t := &goldenTrace{file: base + packedEnding, packed: true, update: g.Update, save: g.Write, own: o.Version}
	there, err := src.files.ReadFile(t.file)
	if errors.Is(err, fs.ErrNotExist) {
		t.file, t.packed = base+goldenEnding, false
		there, err = src.files.ReadFile(t.file)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && !g.Update:
		return nil, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, unreadable(t.file, err)
	}
	t.want = there
	if g.Update {
		t.got.Write(trace.AppendHeader(nil, s.Name, s.Seed, o.Version))
		return t, nil
	}
	t.command = expect.Command("run", src.Name, o.args())
	if t.want, err = unpack(there, t.packed); err != nil {
		return nil, fmt.Errorf("%s: %w", t.file, err)
	}
	header, rest, _ := bytes.Cut(t.want, []byte("\n"))
	t.want, t.seen = rest, 1
	own := trace.AppendHeader(nil, s.Name, s.Seed, o.Version)
	if t.version = versionOf(header); !bytes.Equal(trace.AppendHeader(nil, s.Name, s.Seed, t.version), append(header, '\n')) {
		t.differs = &difference{line: 1, want: string(header), got: strings.TrimSuffix(string(own), "\n")}
	}
	return t, nil
}

func unpack(content []byte, packed bool) ([]byte, error) {
	if !packed {
		return content, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// versionOf is the version of ksim that a header names: it may be another one.
func versionOf(header []byte) string {
	var h struct{ Version string }
	if json.Unmarshal(header, &h) != nil {
		return ""
	}
	return h.Version
}

// event takes in the next event of the run.
func (t *goldenTrace) event(e *trace.Event) {
	if t == nil || t.differs != nil {
		return
	}
	t.line = trace.AppendJSON(t.line[:0], e)
	if t.update {
		t.got.Write(t.line)
		return
	}
	t.seen++
	if e.Type != trace.Offsets {
		t.recent = append(t.recent, *e)
	}
	if rest, same := bytes.CutPrefix(t.want, t.line); same {
		t.want = rest
		return
	}
	want, _, _ := bytes.Cut(t.want, []byte("\n"))
	t.differs = &difference{line: t.seen, want: string(want), got: strings.TrimSuffix(string(t.line), "\n"), at: new(*e)}
}

// compare gives the check of a run that has ended.
func (t *goldenTrace) compare() expect.Report {
	if t.differs == nil && len(t.want) > 0 {
		next, _, _ := bytes.Cut(t.want, []byte("\n"))
		t.differs = &difference{line: t.seen + 1, want: string(next)}
	}
	c := expect.Report{OK: t.differs == nil, Source: "the golden trace " + filepath.Base(t.file), File: t.file}
	d := t.differs
	if d == nil {
		return c
	}
	c.Line, c.Open = d.line, t.command
	c.Want, c.Got = orEnd(d.want), orEnd(d.got)
	if t.version != t.own && d.line > 1 {
		c.Want += " (ksim " + t.version + "; this is " + t.own + ")"
	}
	if d.at != nil {
		if d.at.Type != trace.Offsets {
			c.Chain, c.Whole = expect.Chain(t.recent, d.at.Seq, goldenChain)
		}
		if d.at.At > 0 {
			c.Open += " --until " + d.at.At.String() + "s"
		}
	}
	return c
}

// goldenChain is how many causes the report of a difference follows back.
const goldenChain = 4

func orEnd(line string) string {
	if line == "" {
		return "no further line"
	}
	return line
}

// write keeps the new trace if it is another one.
func (t *goldenTrace) write() (changed bool, err error) {
	content := t.got.Bytes()
	if old, err := unpack(t.want, t.packed); err == nil && bytes.Equal(old, content) {
		return false, nil
	}
	if t.packed {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if _, err := io.Copy(z, bufio.NewReader(bytes.NewReader(content))); err != nil {
			return false, err
		}
		if err := z.Close(); err != nil {
			return false, err
		}
		content = b.Bytes()
	}
	return true, t.save(t.file, content)
}
