package expect

import (
	"strings"
	"unicode"
)

// Command is the command line that runs a scenario's file again, or explains what
// happens in it, ready for a shell. args is what repeats the run, ready too; more is added to it.
func Command(command, file, args string, more ...string) string {
	switch {
	case file == "<stdin>":
		file = "-"
	case strings.HasPrefix(file, "-"):
		file = "./" + file // no flag
	}
	words := []string{"ksim", command, Quote(file)}
	if args != "" {
		words = append(words, args)
	}
	for _, word := range more {
		words = append(words, Quote(word))
	}
	return strings.Join(words, " ")
}

// Quote writes a word so that a shell reads it as it is.
func Quote(word string) string {
	special := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@%+=:,./-_", r)
	}
	if word != "" && word[0] != '=' && !strings.ContainsFunc(word, special) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
