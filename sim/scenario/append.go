package scenario

import (
	"errors"
	"slices"
	"strings"
)

// AppendTimeline adds entries to the timeline of a scenario's text, each as a file
// has it behind the dash, and leaves every other line, comments too, as it is. The
// text has been loaded before; whether the new one says what is meant is for Load to
// tell.
func AppendTimeline(src []byte, entries []string) ([]byte, error) {
	root, err := parse(src)
	if err != nil {
		return nil, err
	}
	if root == nil || len(root.fields) == 0 || root.fields[0].place.pos.Col != 1 {
		return nil, errors.New("the file is not written as a list of keys, a line each: there is no place for a timeline")
	}
	lines := strings.Split(strings.TrimRight(string(src), "\n"), "\n")
	f := root.field("timeline")
	if f == nil || f.value == nil || f.value.kind == isNull {
		return addTimeline(lines, f, entries), nil
	}
	key := f.place.pos.Line - 1
	if _, value, _ := strings.Cut(lines[key], ":"); strings.HasPrefix(strings.TrimSpace(value), "[") {
		return extendBrackets(lines, key, entries)
	}
	first := f.value.items[0].place.pos.Line - 1
	indent := strings.Index(lines[first], "-")
	if indent < 0 {
		return nil, errors.New("the timeline is not written as a list: its entries cannot be added to")
	}
	end := lastOf(lines, key, indent)
	return joined(slices.Insert(lines, end+1, dashed(entries, indent)...)), nil
}

// addTimeline writes the first timeline of a file: at the key, if there is an empty
// one, else at the end.
func addTimeline(lines []string, f *field, entries []string) []byte {
	if f != nil {
		return joined(slices.Insert(lines, f.place.pos.Line, dashed(entries, 2)...))
	}
	end := len(lines)
	for i, l := range lines {
		if i > 0 && (l == "..." || strings.HasPrefix(l, "... ")) {
			end = i
		}
	}
	return joined(slices.Insert(lines, end, append([]string{"timeline:"}, dashed(entries, 2)...)...))
}

// dashed is the entries as lines of a list.
func dashed(entries []string, indent int) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = strings.Repeat(" ", indent) + "- " + e
	}
	return out
}

// lastOf is the last line of the list that begins below a key: comments and blank
// lines behind it belong to what follows.
func lastOf(lines []string, key, indent int) int {
	last := key
	for i := key + 1; i < len(lines); i++ {
		text := strings.TrimLeft(lines[i], " ")
		depth := len(lines[i]) - len(text)
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
			continue
		case depth < indent || depth == indent && !strings.HasPrefix(text, "-"), lines[i] == "...":
			return last
		}
		last = i
	}
	return last
}

// extendBrackets adds entries to a list that is written as [ … ].
func extendBrackets(lines []string, key int, entries []string) ([]byte, error) {
	depth, last := 0, byte('[') // the last character but blanks
	for y := key; y < len(lines); y++ {
		from := 0
		if y == key {
			from = strings.Index(lines[y], ":") + 1
		}
		for x := from; x < len(lines[y]); x++ {
			c := lines[y][x]
			switch c {
			case '"', '\'', '#':
				return nil, errors.New("the timeline is written in brackets with quotes or comments: write it as a list, an entry a line")
			case '[', '{':
				depth++
			case ']', '}':
				depth--
			}
			if depth == 0 && c == ']' {
				more := strings.Join(entries, ", ")
				if last != '[' && last != ',' {
					more = ", " + more
				}
				lines[y] = lines[y][:x] + more + lines[y][x:]
				return joined(lines), nil
			}
			if c != ' ' {
				last = c
			}
		}
	}
	return nil, errors.New("the timeline's brackets do not end")
}

func joined(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
