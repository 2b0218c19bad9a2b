package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// slowUpload exports the README's scenario, as it was when the tests were written.
func slowUpload(t *testing.T, format string) (file, text string) {
	t.Helper()
	text = made(t, load(t, "testdata/slow-upload.yaml"), format)
	f, _ := ByName(format)
	file = filepath.Join(t.TempDir(), "slow-upload"+f.Extensions[0])
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file, text
}

// TestPageInChromium drives the page as a person does, by the keys of the contract, in
// a wide window and a narrow one, light and dark, and prints it. That nothing faults
// says too that its policy lets it run and that it asks nothing of a network.
func TestPageInChromium(t *testing.T) {
	b := newBrowser(t)
	file, text := slowUpload(t, "html")
	if len(text) > 2<<20 {
		t.Errorf("the page has %d bytes, more than 2 MB", len(text))
	}
	b.open(file, 1280, 900)
	shows := func(what, expression, want string) {
		t.Helper()
		if got := b.eval(expression); !strings.Contains(got, want) {
			t.Errorf("%s: %q, expected %q in it", what, got, want)
		}
	}
	clock, member, log := "document.getElementById('clock').textContent", "document.querySelector('.member').innerText", "document.querySelector('#log tr.current').innerText"
	shows("at the start", clock, "0m00.000")
	shows("paused", "document.getElementById('playing').textContent", "❚❚")
	shows("A", member, "not started")
	story := "getComputedStyle(document.querySelector('#narration .story')).display"
	shows("the story, as nothing is said yet", story, "block")
	b.open(file, 390, 844)
	shows("on a telephone the page begins at its top", "'y=' + window.scrollY + '.'", "y=0.")
	b.open(file, 1280, 900)
	b.picture("page-start")

	b.keys("n")
	shows("the first event", clock, "0m00.000")
	shows("A", member, "in poll()")
	b.keys("n", "n", "n", "n")
	shows("the upload", clock, "2m29.976")
	shows("its row", log, "A begins an upload of 5,999 records")
	b.keys("n")
	shows("what is said", "document.querySelector('#narration .said:not(.later):not(.before)').innerText", "The loop has been inside upload() for half a minute")
	shows("and no story", story, "none")
	shows("the clock of the upload", member, "30.0 / 300 s")
	b.picture("page-upload")

	b.keys("n")
	shows("a question", "document.querySelector('dialog[open]').innerText", "Who will end A's membership, the broker or the client?")
	shows("the answer is hidden", "getComputedStyle(document.querySelector('#log tr.later')).display", "none")
	b.picture("page-question")
	b.keys("2")
	shows("the answer is right", "document.querySelector('dialog[open]').innerText", "✓ 2 the client: no poll() comes ← your answer")
	shows("the answer", "document.querySelector('dialog[open]').innerText", "A's client leaves the group")
	b.keys("Enter")
	shows("no question", "String(document.querySelector('dialog').open)", "false")

	b.keys("n")
	shows("the client leaves", clock, "7m30.465")
	shows("the bar", member, "300.4 / 300 s ✗ over")
	shows("A", member, "✗ out of the group, unaware")
	shows("the coordinator", "document.querySelector('.group').innerText", "Empty · generation 2")
	shows("the causes", "document.getElementById('why').innerText", "A begins an upload")
	shows("the property", "document.getElementById('why').innerText", "max.poll.interval.ms=300000")
	shows("the document", "document.querySelector('#why a').href", "librdkafka")
	shows("the partitions", "document.getElementById('partitions').innerText", "user-events-0")
	b.picture("page-left")
	b.keys("Enter", "Enter")
	shows("a cause", "document.querySelector('#log tr.chosen').innerText", "A begins an upload")
	b.keys("t")
	shows("its time", clock, "2m29.976")

	b.keys("}")
	shows("the next rebalance", log, "A has left → rebalance")
	b.keys("{", "{", "{")
	shows("the start", clock, "0m00.000")
	b.keys("G")
	shows("the end", clock, "15m00.000")
	b.keys("p", "p", ",", ".", "g")
	shows("the start", clock, "0m00.000")
	b.keys("f")
	shows("without lines of log", "getComputedStyle(document.querySelector('#log tr.log')).display", "none")
	b.keys("f", "f", "/")
	b.keys("r", "e", "f", "u", "s", "e", "d", "Enter", "n")
	shows("what is searched", clock, "8m29.976")
	shows("it is marked", "document.querySelector('#log mark').textContent", "refused")
	b.keys("Escape", "?")
	shows("help", "document.querySelector('dialog[open]').innerText", "next event of interest")
	b.picture("page-help")
	b.keys("Escape", "3")
	shows("a panel", "document.querySelector('.focused').id", "partitions")

	b.keys(":")
	for _, key := range "7m31s" {
		b.keys(string(key))
	}
	b.keys("Enter")
	shows("the time that was typed", clock, "7m31.000")
	b.keys("(")
	shows("its chapter", clock, "7m29.000")
	b.keys("Escape", "c")
	shows("the chapters", "document.querySelector('dialog[open]').innerText", "The start")
	b.keys("Escape")

	b.keys("g", ">", ">", ">", ">", " ")
	b.eval("new Promise(done => setTimeout(done, 400))")
	b.keys(" ")
	if got := b.eval(clock); got == "0m00.000" {
		t.Error("playing does not move the clock")
	}
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": "dark"}}}, nil)
	b.keys("g", "n", "n", "n", "n", "n", "n", "n", "n", "Enter", "Enter", "n")
	b.picture("page-dark")
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": "light"}}}, nil)
	b.resize(390, 844)
	shows("nothing sticks out", "String(document.documentElement.scrollWidth <= 390)", "true")
	b.picture("page-narrow")
	b.eval("window.scrollTo(0, 900)")
	b.picture("page-narrow-below")
	b.resize(1280, 900)
	b.paper("page")
}

// TestForeignTextInChromium opens a page of a scenario whose texts would be markup and
// script if they were taken for that, and presses every key once.
func TestForeignTextInChromium(t *testing.T) {
	b := newBrowser(t)
	file := filepath.Join(t.TempDir(), "small.html")
	if err := os.WriteFile(file, []byte(made(t, load(t, "testdata/small.yaml"), "html")), 0o644); err != nil {
		t.Fatal(err)
	}
	b.open(file, 1280, 900)
	if got := b.eval("document.title + document.querySelector('#narration .said').textContent + window.broken + document.images.length"); !strings.Contains(got, "<two> groups & \"quotes\"") ||
		!strings.Contains(got, "<script>window.broken = 1</script>") || !strings.HasSuffix(got, "undefined0") {
		t.Error(got)
	}
	for _, key := range []string{" ", " ", "n", "ArrowRight", "p", "ArrowLeft", ".", ",", "}", "{", ">", "<", "g", "G", ")", "(", "t", "]", "[", "1", "2", "3", "4", "5", "6", "7", "8",
		"Tab", "z", "z", "j", "k", "PageDown", "PageUp", "Enter", "f", "f", "f", "Escape", "q"} {
		b.keys(key)
		if got := b.eval("document.getElementById('message').textContent"); strings.Contains(got, "does nothing here") {
			t.Errorf("key %q: %s", key, got)
		}
		b.keys("Escape") // a question
	}
}

// TestSVGInChromium renders the picture: XML that is not well-formed would show an
// error instead.
func TestSVGInChromium(t *testing.T) {
	b := newBrowser(t)
	file, _ := slowUpload(t, "svg")
	b.open(file, 1200, 1400)
	if got := b.eval("document.documentElement.tagName + ' ' + document.querySelectorAll('line.arrow').length + ' ' + (document.querySelector('parsererror') === null)"); got != "svg 22 true" {
		t.Errorf("the picture has %q", got)
	}
	// No sentence reaches beyond the edge.
	if got := b.eval("String(Math.max(...Array.from(document.querySelectorAll('text')).map(t => t.getBBox().x + t.getBBox().width)) <= document.documentElement.viewBox.baseVal.width)"); got != "true" {
		t.Error("a text reaches beyond the edge")
	}
	b.picture("picture")
}
