package cli

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"

	"ksim/internal/suite"
)

// inputLimit is how large a file that ksim reads may be, in bytes: more is no
// scenario, and reading on might never end.
const inputLimit = 64 << 20

// readLimited reads all of an input up to the limit.
func readLimited(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, inputLimit+1))
	if err == nil && len(text) > inputLimit {
		return nil, suite.ErrTooLarge
	}
	return text, err
}

// readFile is os.ReadFile with the limit.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readLimited(f)
}

// Output is where a run's text goes. What is kept is there whole; what is
// discarded has never been there, unless it went to a stream.
type Output interface {
	io.Writer
	Keep() error
	Discard()
}

// output is standard output, or the file of that name.
func (e *Env) output(file string) (Output, error) {
	if file == "" {
		return stream{bufio.NewWriterSize(e.Stdout, 1<<16)}, nil
	}
	return e.Create(file)
}

// produce writes standard output, or a file whole or not at all.
func (e *Env) produce(file string, write func(io.Writer) error) error {
	out, err := e.output(file)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // an error, or a panic on its way
			out.Discard()
		}
	}()
	if err := write(out); err != nil {
		return err
	}
	done = true
	return out.Keep()
}

// stream is an output that cannot be taken back.
type stream struct{ *bufio.Writer }

// Keep hands on what is left in the buffer.
func (s stream) Keep() error { return s.Flush() }

// Discard does the same: what has been written stays.
func (s stream) Discard() { s.Flush() }

// newFile is a file that gets its name only when it is kept.
type newFile struct {
	*bufio.Writer
	temporary *os.File
	name      string
}

// createFile begins a file beside its later place; a name that is there and no
// plain file, such as a pipe or /dev/null, is written to as it is.
func createFile(name string) (Output, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return stream{bufio.NewWriterSize(f, 1<<16)}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		if path := new(os.PathError); errors.As(err, &path) {
			err = &os.PathError{Op: "create", Path: name, Err: path.Err} // not the temporary name
		}
		return nil, err
	}
	return &newFile{bufio.NewWriterSize(f, 1<<16), f, name}, nil
}

// Keep gives the file its name, in place of what has had it.
func (f *newFile) Keep() error {
	err := errors.Join(f.Flush(), f.temporary.Chmod(0o644), f.temporary.Close())
	if err == nil {
		err = os.Rename(f.temporary.Name(), f.name)
	}
	if err != nil {
		os.Remove(f.temporary.Name())
	}
	return err
}

// Discard takes the file away.
func (f *newFile) Discard() {
	f.temporary.Close()
	os.Remove(f.temporary.Name())
}

// writeWhole writes a file whole or not at all.
func (e *Env) writeWhole(name string, content []byte) error {
	return e.writeTo(name, bytes.NewReader(content))
}

// writeTo is writeWhole of what writes itself.
func (e *Env) writeTo(name string, content io.WriterTo) error {
	out, err := e.Create(name)
	if err != nil {
		return err
	}
	if _, err := content.WriteTo(out); err != nil {
		out.Discard()
		return err
	}
	return out.Keep()
}
