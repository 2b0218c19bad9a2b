package export

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// browser is a headless Chromium with one page, driven over its own pipe by the
// DevTools protocol, so that no package and no port is needed.
type browser struct {
	t       *testing.T
	to      *os.File
	from    *bufio.Reader
	session string
	last    int
	faults  []string // exceptions and what the page's policy has stopped
}

// newBrowser starts one; without Chromium the test is skipped.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{os.Getenv("KSIM_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if name != "" {
			if found, err := exec.LookPath(name); err == nil {
				program = found
				break
			}
		}
	}
	if program == "" {
		t.Skip("no Chromium on this machine (Debian: apt-get install chromium)")
	}
	itsIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, itsOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir="+t.TempDir(), "--remote-debugging-pipe", "about:blank")
	c.ExtraFiles = []*os.File{itsIn, itsOut} // 3 and 4, as the option has it
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	itsIn.Close()
	itsOut.Close()
	b := &browser{t: t, to: ourOut, from: bufio.NewReader(ourIn)}
	t.Cleanup(func() {
		for _, fault := range b.faults {
			t.Error(fault)
		}
		b.session = ""
		fmt.Fprint(b.to, `{"id":1000000,"method":"Browser.close"}`+"\x00")
		c.Wait()
		ourOut.Close()
		ourIn.Close()
	})
	var made struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &made)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// call sends a command and waits for its answer.
func (b *browser) call(method string, params, answer any) {
	b.t.Helper()
	b.last++
	if params == nil {
		params = struct{}{}
	}
	message := map[string]any{"id": b.last, "method": method, "params": params}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	text, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	b.await(func(id int, _ string, result json.RawMessage) bool {
		if id != b.last {
			return false
		}
		if answer != nil {
			if err := json.Unmarshal(result, answer); err != nil {
				b.t.Fatal(err)
			}
		}
		return true
	})
}

// await reads what the browser says until it is what is awaited.
func (b *browser) await(is func(id int, method string, body json.RawMessage) bool) {
	b.t.Helper()
	for {
		text, err := b.from.ReadString(0)
		if err != nil {
			b.t.Fatal("Chromium has ended: ", err)
		}
		var m struct {
			ID     int
			Method string
			Result json.RawMessage
			Params json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal([]byte(strings.TrimSuffix(text, "\x00")), &m); err != nil {
			b.t.Fatal(err)
		}
		if m.Error != nil {
			b.t.Fatal(m.Error.Message)
		}
		switch m.Method {
		case "Runtime.exceptionThrown", "Log.entryAdded":
			b.faults = append(b.faults, string(m.Params))
		case "Network.requestWillBeSent":
			if url := string(m.Params); !strings.Contains(url, `"url":"file:`) && !strings.Contains(url, `"url":"about:`) {
				b.faults = append(b.faults, "asks the network: "+url)
			}
		}
		body := m.Result
		if m.Method != "" {
			body = m.Params
		}
		if is(m.ID, m.Method, body) {
			return
		}
	}
}

// open loads a file in a window of that size.
func (b *browser) open(file string, width, height int) {
	b.t.Helper()
	b.resize(width, height)
	b.call("Page.navigate", map[string]any{"url": "file://" + filepath.ToSlash(file)}, nil)
	b.await(func(_ int, method string, _ json.RawMessage) bool { return method == "Page.loadEventFired" })
}

func (b *browser) resize(width, height int) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// eval gives what an expression comes to, as a string.
func (b *browser) eval(expression string) string {
	b.t.Helper()
	var got struct {
		Result           struct{ Value any }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &got)
	if x := got.ExceptionDetails; x != nil {
		b.t.Fatalf("%s: %s %s", expression, x.Text, x.Exception.Description)
	}
	return fmt.Sprint(got.Result.Value)
}

// keys presses keys, as DevTools calls them, one after another.
func (b *browser) keys(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		event := map[string]any{"type": "keyDown", "key": key}
		if len(key) == 1 {
			event["text"] = key
		}
		b.call("Input.dispatchKeyEvent", event, nil)
		b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key}, nil)
	}
}

// picture keeps what is shown, if KSIM_PICTURES names a folder for that.
func (b *browser) picture(name string) {
	b.t.Helper()
	b.keep(name+".png", "Page.captureScreenshot", nil)
}

// paper keeps what would be printed.
func (b *browser) paper(name string) {
	b.t.Helper()
	b.keep(name+".pdf", "Page.printToPDF", map[string]any{"printBackground": true})
}

func (b *browser) keep(name, method string, params any) {
	b.t.Helper()
	var got struct{ Data string }
	b.call(method, params, &got)
	data, err := base64.StdEncoding.DecodeString(got.Data)
	if err != nil || len(data) < 1000 {
		b.t.Fatalf("%s: %d bytes, %v", method, len(data), err)
	}
	if folder := os.Getenv("KSIM_PICTURES"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
}
