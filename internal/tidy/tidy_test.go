// Package tidy polices the source: who may import whom, and what may not occur
// in code that decides. It has tests only.
package tidy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const root = "../.."

// layers says what each package of the module may import of the module, with
// the reason. A package that is not here may not exist.
var layers = []struct {
	pkg     string
	imports string // separated by blanks; "*" is everything
	why     string
}{
	{"sim/clock", "", "time is the alphabet"},
	{"sim/diag", "", "so is the form of a message"},
	{"sim/kafka", "sim/clock", "vocabulary decides nothing"},
	{"sim/kafka/javahash", "", "an order of strings"},
	{"sim/trace", "sim/clock sim/kafka", "events are data"},
	{"sim/config", "sim/clock sim/diag sim/kafka", "a catalogue"},
	{"sim/scenario", "sim/clock sim/config sim/diag sim/kafka sim/trace", "a file is read without an engine"},
	{"sim/group/assign", "sim/kafka sim/kafka/javahash", "assignors are pure functions"},
	{"sim/group", "sim/clock sim/group/assign sim/kafka sim/kafka/javahash sim/trace", "the coordinator knows no client"},
	{"sim/broker", "sim/clock sim/kafka sim/kafka/javahash sim/share", "brokers know no client"},
	{"sim/producer", "sim/broker sim/clock sim/kafka sim/scenario", "where a record goes is decided by who writes it"},
	{"sim/txn", "sim/clock sim/kafka", "transactions know neither groups nor logs"},
	{"sim/client", "sim/clock sim/kafka sim/trace", "clients know no broker and no application"},
	{"sim/client/java/subscription", "sim/client sim/clock sim/config sim/kafka", "what the Java consumers of both protocols know of their partitions"},
	{"sim/client/java/words", "sim/client sim/client/java/subscription sim/clock sim/kafka", "lines that the Java consumers of both protocols print"},
	{"sim/client/java/network", "sim/client sim/client/java/words sim/clock sim/kafka", "what the Java consumers of both protocols know of their connections and coordinator"},
	{"sim/client/java", "sim/client sim/client/java/network sim/client/java/subscription sim/client/java/words sim/clock sim/config sim/group/assign sim/kafka sim/trace", "one client a package"},
	{"sim/client/javaasync", "sim/client sim/client/java/network sim/client/java/subscription sim/client/java/words sim/clock sim/config sim/kafka sim/trace", "one client a package"},
	{"sim/client/javashare", "sim/client sim/client/java/network sim/client/java/words sim/clock sim/config sim/kafka sim/trace", "one client a package"},
	{"sim/client/clienttest", "*", "hosts for the tests of clients"},
	{"sim/client/aiokafka", "sim/client sim/client/kafkapython/words sim/clock sim/config sim/group/assign sim/kafka sim/trace", "one client a package"},
	{"sim/client/kafkapython/words", "sim/kafka", "what kafka-python and aiokafka print alike"},
	{"sim/client/kafkapython", "sim/client sim/client/kafkapython/words sim/clock sim/config sim/group/assign sim/kafka sim/trace", "one client a package"},
	{"sim/client/transactional", "sim/client sim/clock sim/config sim/kafka", "a producer knows no consumer"},
	{"sim/client/librdkafka", "sim/client sim/clock sim/config sim/group/assign sim/kafka sim/trace", "one client a package"},
	{"sim/client/kafkago", "sim/client sim/clock sim/config sim/kafka sim/trace", "one client a package"},
	{"sim/client/kafkajs", "sim/client sim/clock sim/config sim/kafka sim/trace", "one client a package"},
	{"sim/client/franzgo", "sim/client sim/clock sim/config sim/group/assign sim/kafka sim/trace", "one client a package"},
	{"sim/client/sarama", "sim/client sim/clock sim/config sim/group/assign sim/kafka sim/trace", "one client a package"},
	{"sim/app", "sim/client sim/clock sim/kafka sim/scenario sim/sqs sim/trace", "applications know a consumer's interface only, and a queue's receipts"},
	{"sim/share", "sim/clock sim/kafka", "a share-partition knows neither clients nor members"},
	{"sim/sqs", "sim/clock", "a queue knows neither senders nor workers"},
	{"sim/ledger", "sim/client sim/kafka", "an account of ranges"},
	{"sim", "sim/app sim/broker sim/client sim/client/aiokafka sim/client/franzgo sim/client/java sim/client/javaasync sim/client/javashare sim/client/kafkago sim/client/kafkajs sim/client/kafkapython sim/client/librdkafka sim/client/sarama sim/client/transactional sim/clock sim/config sim/group sim/kafka sim/ledger sim/producer sim/scenario sim/share sim/sqs sim/trace sim/txn", "components meet here and nowhere else"},
	{"sim/replay", "sim sim/clock sim/scenario sim/trace", "a run that can be gone through in both directions"},
	{"sim/expect", "sim/clock sim/kafka sim/scenario sim/trace", "judges what was recorded, not the world"},
	{"sim/conform", "*", "tests"},
	{"tui/chart", "sim/clock", "series in, lines out"},
	{"sim/scenario/scenariotest", "scenarios sim/scenario", "the library's scenarios, for tests"},
	{"sim/expect/tracetest", "sim/clock sim/kafka sim/trace", "reads a trace back, for tests"},
	{"sim/clock/clocktest", "sim/clock", "reference work, for tests and benchmarks"},
	{"tui/plain", "sim/clock sim/expect sim/kafka sim/scenario sim/trace tui/chart", "text is made from the trace"},
	{"tui/model", "internal/figures sim sim/clock sim/config sim/expect sim/kafka sim/replay sim/scenario sim/trace tui/chart tui/plain", "screens and exports read one model, made of trace and state"},
	{"tui/screen", "internal/figures sim sim/clock sim/diag sim/kafka sim/scenario sim/trace tui/chart tui/model", "the screen shows the model and holds no simulation logic"},
	{"internal/export", "sim sim/clock sim/kafka sim/scenario sim/trace tui/chart tui/model tui/plain tui/screen", "what can be taken away reads the model, as the screen does"},
	{"scenarios", "", "files"},
	{"internal/seeds", "", "claims are data"},
	{"internal/suite", "scenarios sim sim/clock sim/diag sim/expect sim/scenario sim/trace", "finds, runs and judges scenarios; shows nothing"},
	{"internal/report", "internal/suite sim/expect sim/trace", "writes what the suite has found"},
	{"internal/figures", "sim sim/clock sim/kafka sim/scenario sim/trace", "counts what a run comes to"},
	{"internal/template", "", "files"},
	{"ksimtest", "internal/suite", "the suite for other people's tests"},
	{"internal/cli", "*", "the only package that touches the operating system"},
	{"internal/golden", "", "files that tests compare with"},
	{"internal/mutants", "internal/suite", "a program of its own, which breaks ksim and looks who notices"},
	{"internal/tidy", "", "tests"},
	{"cmd/ksim", "internal/cli", "main"},
}

// core is the packages that decide what happens: nothing in them may depend on
// anything but their inputs.
func core(pkg string) bool {
	return pkg == "sim" || strings.HasPrefix(pkg, "sim/") && !slices.Contains([]string{"sim/conform", "sim/expect/tracetest", "sim/scenario/scenariotest", "sim/clock/clocktest", "sim/client/clienttest"}, pkg)
}

// banned is what core packages may not import.
var banned = []string{"time", "os", "sync", "sync/atomic", "context", "math/rand", "math/rand/v2", "log", "log/slog", "runtime", "unsafe", "net", "os/exec", "reflect"}

// source is a parsed package without its tests.
type source struct {
	path  string
	fset  *token.FileSet
	files []*ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	byDir := map[string]*source{}
	var dirs []string
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata" || d.Name() == "bench") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") {
			return nil
		}
		dir, _ := filepath.Rel(root, filepath.Dir(file))
		dir = filepath.ToSlash(dir)
		if byDir[dir] == nil {
			byDir[dir] = &source{path: dir, fset: token.NewFileSet()}
			dirs = append(dirs, dir)
		}
		if strings.HasSuffix(file, "_test.go") {
			return nil
		}
		s := byDir[dir]
		f, err := parser.ParseFile(s.fset, file, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		if !generator(f) {
			s.files = append(s.files, f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []source
	for _, d := range dirs {
		all = append(all, *byDir[d])
	}
	return all
}

// generator tells whether a file is a program of its own beside the package,
// run by go generate.
func generator(f *ast.File) bool {
	for _, c := range f.Comments {
		if c.Pos() < f.Package && strings.Contains(c.Text(), "go:build ignore") {
			return true
		}
		for _, l := range c.List {
			if c.Pos() < f.Package && strings.HasPrefix(l.Text, "//go:build ignore") {
				return true
			}
		}
	}
	return false
}

func imports(f *ast.File) []string {
	var out []string
	for _, i := range f.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

// TestLayers keeps data flowing one way: an import that the table does not allow
// would let a component reach into another.
func TestLayers(t *testing.T) {
	for _, s := range sources(t) {
		i := slices.IndexFunc(layers, func(l struct{ pkg, imports, why string }) bool { return l.pkg == s.path })
		if i < 0 {
			t.Errorf("package %s is not in the table of layers", s.path)
			continue
		}
		allowed := strings.Fields(layers[i].imports)
		for _, f := range s.files {
			for _, p := range imports(f) {
				own, isOwn := strings.CutPrefix(p, "ksim/")
				if isOwn && !slices.Contains(allowed, own) && !slices.Contains(allowed, "*") {
					t.Errorf("%s may not import %s: %s", s.path, own, layers[i].why)
				}
			}
		}
	}
}

// TestDeterminism keeps everything out of the core that could make two runs of
// one scenario differ: wall clock, goroutines, channels, random sources that are
// not seeded, the order of a map, and floating point, which differs between
// processors.
func TestDeterminism(t *testing.T) {
	mode := packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports
	all, err := packages.Load(&packages.Config{Mode: mode, Dir: root}, "./sim/...")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		own := strings.TrimPrefix(s.PkgPath, "ksim/")
		for _, e := range s.Errors {
			t.Error(e)
		}
		if core(own) {
			t.Run(strings.TrimPrefix(own, "sim/"), func(t *testing.T) { policeCore(t, s) })
		}
	}
}

func policeCore(t *testing.T, s *packages.Package) {
	report := func(n ast.Node, what string) {
		t.Errorf("%s: %s", s.Fset.Position(n.Pos()), what)
	}
	for _, f := range s.Syntax {
		for _, p := range imports(f) {
			if slices.Contains(banned, p) {
				report(f, "imports "+p)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				report(n, "starts a goroutine")
			case *ast.SelectStmt, *ast.ChanType, *ast.SendStmt:
				report(n, "uses a channel")
			case *ast.RangeStmt:
				if _, isMap := s.TypesInfo.TypeOf(n.X).Underlying().(*types.Map); isMap {
					report(n, "ranges over a map")
				}
			case *ast.Ident:
				if n.Name == "float64" || n.Name == "float32" {
					report(n, "uses floating point")
				}
			}
			return true
		})
	}
}
