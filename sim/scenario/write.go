package scenario

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Written is the text of a file with overrides: what Load makes of the file and the
// overrides it makes of this text alone. Comments are gone.
func Written(file string, src []byte, o Options) ([]byte, error) {
	l := newLoader(file, o)
	root := l.read(src)
	if root == nil {
		return nil, errors.New("the file is not right")
	}
	l.scenario(root)
	if found := l.findings(); found.HasErrors() {
		return nil, errors.New(found[0].Message)
	}
	w := writer{leaveOut: l.foreign}
	for i := range root.fields {
		if i > 0 && root.fields[i].value.kind != isScalar {
			w.b.WriteByte('\n')
		}
		w.field(&root.fields[i], 0)
	}
	return []byte(w.b.String()), nil
}

// writer prints a tree as YAML: maps without lists in them in one line.
type writer struct {
	b        strings.Builder
	leaveOut []*node
}

func (w *writer) left(n *node) bool { return slices.Contains(w.leaveOut, n) }

// inOneLine is how long a map in braces may be.
const inOneLine = 110

func (w *writer) field(f *field, indent int) {
	n := f.value
	if w.left(n) {
		return
	}
	w.b.WriteString(strings.Repeat(" ", indent) + keyText(f.key) + ":")
	switch n.kind {
	case isNull:
		w.b.WriteByte('\n')
	case isScalar:
		w.b.WriteString(" " + scalarText(n, indent, false) + "\n")
	case isMap:
		if indent > 0 {
			if flow := w.flow(n); len(flow)+indent+len(f.key) < inOneLine {
				w.b.WriteString(" " + flow + "\n")
				return
			}
		}
		w.b.WriteByte('\n')
		for i := range n.fields {
			w.field(&n.fields[i], indent+2)
		}
	case isList:
		w.list(n, indent+2)
	}
}

func (w *writer) list(n *node, indent int) {
	flat := !slices.ContainsFunc(n.items, func(x *node) bool { return x.kind != isScalar })
	if flat || len(n.items) == 0 {
		w.b.WriteString(" " + w.flow(n) + "\n")
		return
	}
	w.b.WriteByte('\n')
	dash := strings.Repeat(" ", indent) + "- "
	for _, item := range n.items {
		if flow := w.flow(item); item.kind != isMap || len(item.fields) == 0 || len(flow)+indent < inOneLine && !strings.Contains(flow, "\n") {
			w.b.WriteString(dash + flow + "\n")
			continue
		}
		inner := writer{leaveOut: w.leaveOut}
		for i := range item.fields {
			inner.field(&item.fields[i], indent+2)
		}
		w.b.WriteString(dash + strings.TrimLeft(inner.b.String(), " "))
	}
}

// flow is a value in braces and brackets.
func (w *writer) flow(n *node) string {
	var parts []string
	switch n.kind {
	case isScalar:
		return scalarText(n, 0, true)
	case isMap:
		for i := range n.fields {
			if f := &n.fields[i]; !w.left(f.value) {
				parts = append(parts, keyText(f.key)+": "+w.flow(f.value))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case isList:
		for _, item := range n.items {
			parts = append(parts, w.flow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return "null"
}

// unquoted tells whether a text means the same without quotes wherever it stands.
func unquoted(text string) bool {
	for i, c := range text {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune("_./", c):
		case strings.ContainsRune("-+%@()", c) && i > 0:
		case c == ' ' && i > 0 && i < len(text)-1:
		default:
			return false
		}
	}
	return text != "" && !slices.Contains([]string{"null", "Null", "NULL", "true", "false", "~"}, text)
}

func keyText(key string) string {
	if unquoted(key) {
		return key
	}
	return strconv.Quote(key)
}

// scalarText is a scalar as it was written; what needs quotes, in double ones, and
// text of several lines as a block.
func scalarText(n *node, indent int, inFlow bool) string {
	text := n.text
	if !n.quoted && (unquoted(text) || text == "true" || text == "false") {
		return text
	}
	if !inFlow && strings.Contains(strings.TrimRight(text, "\n"), "\n") && !strings.HasPrefix(text, " ") && !strings.Contains(text, "\n ") {
		return blockText(text, indent)
	}
	return quotedText(text)
}

// quotedText is a text in double quotes, as YAML reads it.
func quotedText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(text) + `"`
}

// blockText is a text as a literal block below a key with that indent.
func blockText(text string, indent int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	head := "|-"
	if strings.HasSuffix(text, "\n") {
		head = "|"
	}
	for _, l := range lines {
		head += "\n"
		if l != "" {
			head += strings.Repeat(" ", indent+2) + l
		}
	}
	return head
}

// ReplaceKey gives a file's text with another value of a key of the file itself: in
// the key's place, else behind the first key; a value of several lines becomes a
// block. An empty value drops the key. Every other line stays as it is.
func ReplaceKey(src []byte, key, value string) ([]byte, error) {
	root, lines, err := blockFile(src)
	if err != nil {
		return nil, err
	}
	var made []string
	if value != "" {
		text := value
		if strings.Contains(value, "\n") {
			text = blockText(value, 0)
		} else if !unquoted(value) {
			text = quotedText(value)
		}
		made = strings.Split(key+": "+text, "\n")
	}
	at, end := root.fields[0].place.pos.Line, root.fields[0].place.pos.Line
	if f := root.field(key); f != nil {
		at = f.place.pos.Line - 1
		end = endOfField(root, lines, f)
	}
	return joined(slices.Replace(lines, at, end, made...)), nil
}

// DropEntries gives a file's text without those entries of one of its lists; the key
// goes with the last one.
func DropEntries(src []byte, key string, drop []bool) ([]byte, error) {
	if !slices.Contains(drop, true) {
		return src, nil
	}
	if !slices.Contains(drop, false) {
		return ReplaceKey(src, key, "")
	}
	root, lines, err := blockFile(src)
	if err != nil {
		return nil, err
	}
	f := root.field(key)
	if f == nil || f.value.kind != isList || len(f.value.items) != len(drop) {
		return nil, errNotBlock
	}
	starts := make([]int, len(drop)+1)
	starts[len(drop)] = endOfField(root, lines, f)
	for i, item := range f.value.items {
		starts[i] = item.place.pos.Line - 1
		dash := strings.Index(lines[starts[i]], "-")
		if dash < 0 || strings.TrimSpace(lines[starts[i]][:dash]) != "" || i > 0 && starts[i] == starts[i-1] {
			return nil, errNotBlock
		}
	}
	for i, gone := range slices.Backward(drop) {
		if gone {
			end := starts[i+1]
			for end > starts[i]+1 && isCommentLine(lines[end-1]) { // it is about the next one
				end--
			}
			lines = slices.Delete(lines, starts[i], end)
		}
	}
	return joined(lines), nil
}

var errNotBlock = errors.New("the file is not written as a list of keys, a line each")

// blockFile reads a file whose keys stand at the beginnings of lines.
func blockFile(src []byte) (*node, []string, error) {
	root, err := parse(src)
	if err != nil {
		return nil, nil, err
	}
	if root == nil || len(root.fields) == 0 {
		return nil, nil, errNotBlock
	}
	for i := range root.fields {
		if root.fields[i].place.pos.Col != 1 {
			return nil, nil, errNotBlock
		}
	}
	return root, strings.Split(strings.TrimRight(string(src), "\n"), "\n"), nil
}

// endOfField is the line behind a key's value, without the comments and blank lines
// that belong to what follows.
func endOfField(root *node, lines []string, f *field) int {
	end := len(lines)
	for i := range root.fields {
		if line := root.fields[i].place.pos.Line - 1; line >= f.place.pos.Line {
			end = min(end, line)
		}
	}
	for i := f.place.pos.Line; i < end; i++ {
		if lines[i] == "..." || strings.HasPrefix(lines[i], "... ") {
			end = i
		}
	}
	for end > f.place.pos.Line && isCommentLine(lines[end-1]) {
		end--
	}
	return end
}

func isCommentLine(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}
