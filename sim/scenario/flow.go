package scenario

import (
	"strconv"
	"strings"
)

// oneLine prints a value of the file as flow YAML.
func oneLine(n *node) string {
	var b strings.Builder
	writeFlow(&b, n)
	return b.String()
}

func writeFlow(b *strings.Builder, n *node) {
	switch n.kind {
	case isNull:
		b.WriteString("null")
	case isScalar:
		b.WriteString(quotedIfNeeded(n))
	case isList:
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteString(", ")
			}
			writeFlow(b, item)
		}
		b.WriteByte(']')
	case isMap:
		b.WriteByte('{')
		for i, f := range n.fields {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(f.key + ": ")
			writeFlow(b, f.value)
		}
		b.WriteByte('}')
	}
}

// quotedIfNeeded quotes text with blanks or characters of YAML's own.
func quotedIfNeeded(n *node) string {
	if n.quoted && strings.ContainsAny(n.text, " :{}[],#\"'\n\\") || n.text == "" {
		return strconv.Quote(n.text)
	}
	return n.text
}
