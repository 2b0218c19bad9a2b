package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"ksim/sim/diag"
)

// Limits on the text of a file. They bound the time and the stack that the
// parser needs; no scenario comes near them.
const (
	MaxFileSize   = 4 << 20 // bytes
	MaxLineLength = 20_000  // characters
	MaxNesting    = 32      // lists and maps within each other
	MaxMapKeys    = 2000    // keys of one map
	MaxTokens     = 400_000 // words and signs: the parser takes a kilobyte for each
)

// kind is the form of a node.
type kind uint8

const (
	isNull kind = iota
	isScalar
	isList
	isMap
)

// place is where something was written: in the scenario file (file is "") or in
// a command-line override (file is the option, without a position).
type place struct {
	file string
	pos  diag.Pos
}

// node is a value of the file. Scalars keep the text as written, because what
// the text means depends on the key: 4.10 is a version, not 4.1.
type node struct {
	kind   kind
	place  place
	text   string // scalar: without quotes
	quoted bool   // scalar: in quotes or a block, hence text for certain
	fields []field
	items  []*node

	bad   bool     // reported: whoever needs it must not report again
	meant []string // map: the keys that its misspelt ones probably mean
	value int64    // a scalar that check has understood: µs, bytes, a number, 1 for true
}

// field is one `key: value` of a map, in file order.
type field struct {
	key   string
	place place
	value *node
}

// get gives the value of a key, nil when the map does not have it or has it
// without a value.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := range n.fields {
		if n.fields[i].key == key && n.fields[i].value.kind != isNull {
			return n.fields[i].value
		}
	}
	return nil
}

// usable is get without the values that are wrong.
func (n *node) usable(key string) *node {
	if v := n.get(key); v != nil && !v.bad {
		return v
	}
	return nil
}

// entries are the fields of a map that may not be there.
func (n *node) entries() []field {
	if n == nil {
		return nil
	}
	return n.fields
}

// field gives the entry of a key, nil when the map does not have it.
func (n *node) field(key string) *field {
	if n == nil {
		return nil
	}
	for i := range n.fields {
		if n.fields[i].key == key {
			return &n.fields[i]
		}
	}
	return nil
}

// misspells tells whether the map has a key, which has been reported, that
// probably means this one.
func (n *node) misspells(key string) bool { return n != nil && slices.Contains(n.meant, key) }

// has tells whether the map has the key, if misspelt.
func (n *node) has(key string) bool { return n.field(key) != nil || n.misspells(key) }

// unsure tells whether what the file says of the key is wrong, and reported.
func (n *node) unsure(key string) bool {
	if n == nil {
		return false
	}
	f := n.field(key)
	return n.bad || n.misspells(key) || f != nil && f.value.bad
}

// anyBadField tells whether the value of any key is wrong, or the key.
func (n *node) anyBadField() bool {
	return slices.ContainsFunc(n.entries(), func(f field) bool { return f.value.bad })
}

// broken tells whether anything in the tree is wrong.
func (n *node) broken() bool {
	return n.bad || slices.ContainsFunc(n.fields, func(f field) bool { return f.value.broken() }) || slices.ContainsFunc(n.items, (*node).broken)
}

// syntaxError is a file that is not YAML, or not the part of YAML that
// scenarios use. The first one ends the reading.
type syntaxError struct {
	pos     diag.Pos
	message string
}

// Error is the message, without the place.
func (e *syntaxError) Error() string { return e.message }

func syntaxErrorAt(t *token.Token, format string, args ...any) *syntaxError {
	return &syntaxError{placeOf(t), fmt.Sprintf(format, args...)}
}

// parse reads a YAML document into a tree; nil for an empty document.
func parse(src []byte) (root *node, err *syntaxError) {
	start := diag.Pos{Line: 1, Col: 1}
	if len(src) > MaxFileSize {
		return nil, &syntaxError{start, fmt.Sprintf("the file has %d bytes: at most %d are read", len(src), MaxFileSize)}
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if e := checkText(src); e != nil {
		return nil, e
	}
	tokens, err := tokenize(src)
	if err != nil {
		return nil, err
	}
	if err = checkTokens(tokens); err != nil {
		return nil, err
	}
	file, err := parseTokens(tokens)
	if err != nil {
		return nil, err
	}
	for _, doc := range file.Docs {
		if doc.Body != nil && root == nil {
			if root, err = convert(doc.Body, 0); err != nil {
				return nil, err
			}
		}
	}
	return root, nil
}

func tokenize(src []byte) (tokens token.Tokens, err *syntaxError) {
	defer survive(&err)
	return lexer.Tokenize(string(src)), nil
}

func parseTokens(tokens token.Tokens) (file *ast.File, err *syntaxError) {
	defer survive(&err)
	file, cause := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if cause != nil {
		return nil, translate(cause)
	}
	return file, nil
}

// survive makes an error of a panic in the parser, which is another project's:
// should it fail on some text, the user still gets an answer.
func survive(err **syntaxError) {
	if r := recover(); r != nil {
		*err = &syntaxError{diag.Pos{Line: 1, Col: 1}, fmt.Sprintf("the YAML parser cannot read this file: %v", r)}
	}
}

// checkText refuses what is not UTF-8 text of lines, at its place.
func checkText(src []byte) *syntaxError {
	pos := diag.Pos{Line: 1, Col: 1}
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return &syntaxError{pos, fmt.Sprintf("byte 0x%02x is not UTF-8: save the file as UTF-8", src[i])}
		case isControl(r):
			return &syntaxError{pos, fmt.Sprintf("control character 0x%02x is not allowed", r)}
		case pos.Col > MaxLineLength:
			return &syntaxError{pos, fmt.Sprintf("the line is longer than %d characters", MaxLineLength)}
		}
		if pos.Col++; r == '\n' {
			pos = diag.Pos{Line: pos.Line + 1, Col: 1}
		}
		i += size
	}
	return nil
}

// refused are the parts of YAML that scenarios do without, so that what stands
// in a file is what counts.
var refused = map[token.Type]string{
	token.AnchorType:     "anchors (&name) are not supported: write the value out where it is used",
	token.AliasType:      "aliases (*name) are not supported: write the value out here",
	token.MergeKeyType:   "merge keys (<<) are not supported: write the keys out here",
	token.TagType:        "tags (!name) are not supported: quote the value to make it text",
	token.MappingKeyType: "complex keys (?) are not supported: write key: value",
	token.DirectiveType:  "directives (%) are not supported",
}

// checkTokens refuses what scenarios do without and what would cost the parser
// too much, before it is called.
func checkTokens(tokens token.Tokens) *syntaxError {
	if len(tokens) > MaxTokens {
		return syntaxErrorAt(tokens[MaxTokens], "the file has more than %d words and signs", MaxTokens)
	}
	flow, entries, entriesLine := 0, 0, 0
	var block keyCounter
	var end *token.Token // of the document
	begun := false
	for i, t := range tokens {
		if t.Type == token.CommentType {
			continue
		}
		if end != nil {
			return syntaxErrorAt(end, "the document ends here, but more text follows: a scenario is one document")
		}
		if why, ok := refused[t.Type]; ok {
			return syntaxErrorAt(t, "%s", why)
		}
		switch t.Type {
		case token.InvalidType:
			return syntaxErrorAt(t, "%s", plainWords(t.Error))
		case token.DocumentHeaderType:
			if begun {
				return syntaxErrorAt(t, "a second document begins here: a scenario is one document")
			}
		case token.DocumentEndType:
			end = t
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType:
			if t.Position.Line != entriesLine {
				entries, entriesLine = 0, t.Position.Line
			}
			entries++
			block.close(t.Position.Column)
		case token.MappingValueType:
			if flow <= 0 && i > 0 && block.add(tokens[i-1].Position.Column) > MaxMapKeys {
				return syntaxErrorAt(t, "a map has more than %d keys", MaxMapKeys)
			}
		}
		if flow > MaxNesting || entries > MaxNesting {
			return syntaxErrorAt(t, "nested deeper than %d lists and maps", MaxNesting)
		}
		begun = true
	}
	return nil
}

// keyCounter counts the keys of the block maps that are open, by column.
type keyCounter struct{ columns, counts []int }

// close ends the maps to the right of a column.
func (k *keyCounter) close(column int) {
	for n := len(k.columns); n > 0 && k.columns[n-1] > column; n-- {
		k.columns, k.counts = k.columns[:n-1], k.counts[:n-1]
	}
}

// add counts a key and gives the number of keys of its map so far.
func (k *keyCounter) add(column int) int {
	k.close(column)
	n := len(k.columns)
	if n == 0 || k.columns[n-1] < column {
		k.columns, k.counts = append(k.columns, column), append(k.counts, 0)
		n++
	}
	k.counts[n-1]++
	return k.counts[n-1]
}

// translate gives the parser's error a place and drops its excerpt.
func translate(err error) *syntaxError {
	var e yaml.Error
	if errors.As(err, &e) && e.GetToken() != nil {
		return syntaxErrorAt(e.GetToken(), "%s", plainWords(e.GetMessage()))
	}
	return &syntaxError{diag.Pos{Line: 1, Col: 1}, plainWords(err.Error())}
}

// plainWords says what the parser's messages mean to who wrote the file.
func plainWords(message string) string {
	for _, w := range parserWords {
		if strings.Contains(message, w.parser) {
			return w.ours
		}
	}
	first, _, _ := strings.Cut(message, "\n")
	if character, ok := strings.CutSuffix(first, " is a reserved character"); ok {
		return "a value cannot begin with " + character + ": quote it"
	}
	return "not valid YAML: " + first
}

// parserWords are parts of the parser's messages and what to say instead.
var parserWords = []struct{ parser, ours string }{
	{"'\t'", "a tab cannot indent: use spaces"},
	{"found a tab character where an indentation", "a tab cannot indent: use spaces"},
	{"mapping value is not allowed", "a second \": \" in one value, or wrong indentation: quote a value that contains \": \""},
	{"value is not allowed in this context", "wrong indentation: this does not line up with what stands above it, or follows a value that has ended"},
	{"non-map value is specified", "expected key: value here"},
	{"unexpected key name", "this is no key: value, or its indentation is wrong"},
	{"found an invalid key for this map", "this is no key: expected key: value"},
	{"block sequence entries are not allowed", "a list begins on a line of its own: write each entry on one, after \"- \""},
	{"',' or ']' must be specified", "expected a comma or the ] that ends the list"},
	{"',' or '}' must be specified", "expected a comma or the } that ends the map"},
	{"sequence end token ']' not found", "the ] that ends this list is missing"},
	{"could not find flow mapping end token '}'", "the } that ends this map is missing"},
	{"expected sequence element, but found ','", "an entry is missing before this comma"},
	{"could not find end character of", "the quote that ends this text is missing"},
}

// convert makes the parser's tree into ours.
func convert(n ast.Node, depth int) (*node, *syntaxError) {
	t := n.GetToken()
	if depth > MaxNesting {
		return nil, syntaxErrorAt(t, "nested deeper than %d lists and maps", MaxNesting)
	}
	out := &node{place: place{pos: placeOf(t)}}
	switch n := n.(type) {
	case *ast.NullNode:
		return out, nil
	case *ast.LiteralNode:
		out.kind, out.text, out.quoted = isScalar, n.Value.Value, true
		return out, nil
	case *ast.SequenceNode:
		out.kind = isList
		for _, v := range n.Values {
			item, err := convert(v, depth+1)
			if err != nil {
				return nil, err
			}
			out.items = append(out.items, item)
		}
		return out, nil
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			// The parser's place of a block map is its first colon.
			out.place.pos = placeOf(n.Values[0].Key.GetToken())
		}
		return convertMap(out, n.Values, depth)
	case ast.ScalarNode:
		out.kind, out.text = isScalar, t.Value
		out.quoted = t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
		return out, checkScalar(out, t)
	}
	return nil, syntaxErrorAt(t, "%s is not expected here", strings.ToLower(n.Type().YAMLName()))
}

// checkEscapes refuses what escapes within quotes can smuggle in.
func checkEscapes(t *token.Token) *syntaxError {
	if i := strings.IndexFunc(t.Value, isControl); i >= 0 {
		r, _ := utf8.DecodeRuneInString(t.Value[i:])
		return syntaxErrorAt(t, "control character 0x%02x is not allowed", r)
	}
	return nil
}

// checkScalar refuses such text, and plain text that the parser lets pass though
// YAML does not.
func checkScalar(n *node, t *token.Token) *syntaxError {
	if err := checkEscapes(t); err != nil {
		return err
	}
	switch {
	case n.quoted:
	case strings.Contains(n.text, ": "):
		return syntaxErrorAt(t, "a second \": \" in one value: a comma is missing, or quotes around it")
	case strings.HasPrefix(n.text, "}") || strings.HasPrefix(n.text, "]"):
		return syntaxErrorAt(t, "a value cannot begin with '%c': quote it", n.text[0])
	}
	return nil
}

// isControl tells what no text of a scenario may hold: what is printed from it
// must not steer a terminal.
func isControl(r rune) bool {
	return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r >= 0x7f && r <= 0x9f
}

func convertMap(out *node, values []*ast.MappingValueNode, depth int) (*node, *syntaxError) {
	out.kind = isMap
	for i, v := range values {
		t := v.Key.GetToken()
		if i == MaxMapKeys {
			return nil, syntaxErrorAt(t, "a map has more than %d keys", MaxMapKeys)
		}
		if err := checkEscapes(t); err != nil {
			return nil, err
		}
		value, err := convert(v.Value, depth+1)
		if err != nil {
			return nil, err
		}
		out.fields = append(out.fields, field{t.Value, place{pos: placeOf(t)}, value})
	}
	return out, nil
}

// placeOf is where a token begins; the parser counts some columns from 0.
func placeOf(t *token.Token) diag.Pos {
	return diag.Pos{Line: max(1, t.Position.Line), Col: max(1, t.Position.Column)}
}
