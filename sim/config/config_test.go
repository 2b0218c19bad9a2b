package config

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ksim/internal/golden"
	"ksim/sim/kafka"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTables prints each catalogue as people see it, so that a reader can hold
// it against the software's own documentation.
func TestTables(t *testing.T) {
	for _, table := range []struct {
		file string
		c    *catalogue
		v    kafka.Version
	}{
		{"java-0.10.0.txt", javaConsumer, kafka.V(0, 10, 0)},
		{"java-2.8.txt", javaConsumer, kafka.V(2, 8, 0)},
		{"java-4.1.txt", javaConsumer, kafka.V(4, 1, 0)},
		{"java-producer-2.8.txt", javaProducer, kafka.V(2, 8, 0)},
		{"java-producer-4.1.txt", javaProducer, kafka.V(4, 1, 0)},
		{"kafka-python-producer-3.0.txt", kafkaPythonProducer, kafka.V(3, 0, 0)},
		{"aiokafka-producer-0.14.txt", aiokafkaProducer, kafka.V(0, 14, 0)},
		{"franz-go-producer-1.22.txt", franzGoProducer, kafka.V(1, 22, 0)},
		{"sarama-producer-1.61.txt", saramaProducer, kafka.V(1, 61, 0)},
		{"kafkajs-producer-2.2.txt", kafkajsProducer, kafka.V(2, 2, 0)},
		{"librdkafka-1.9.txt", librdkafkaConsumer, kafka.V(1, 9, 0)},
		{"librdkafka-2.16.txt", librdkafkaConsumer, kafka.V(2, 16, 0)},
		{"kafka-go-0.4.txt", kafkagoConsumer, kafka.V(0, 4, 0)},
		{"kafkajs-2.2.txt", kafkajsConsumer, kafka.V(2, 2, 0)},
		{"franz-go-1.22.txt", franzGoConsumer, kafka.V(1, 22, 0)},
		{"sarama-1.61.txt", saramaConsumer, kafka.V(1, 61, 0)},
		{"kafka-python-2.0.txt", kafkaPythonConsumer, kafka.V(2, 0, 0)},
		{"kafka-python-3.0.txt", kafkaPythonConsumer, kafka.V(3, 0, 0)},
		{"aiokafka-0.14.txt", aiokafkaConsumer, kafka.V(0, 14, 0)},
		{"broker-2.8.txt", broker, kafka.V(2, 8, 0)},
		{"broker-4.3.txt", broker, kafka.V(4, 3, 0)},
		{"topic-4.3.txt", topic, kafka.V(4, 3, 0)},
		{"group-4.3.txt", group, kafka.V(4, 3, 0)},
	} {
		t.Run(table.file, func(t *testing.T) {
			path := filepath.Join("testdata", "tables", table.file)
			defaults, problems := table.c.resolve(table.v, nil)
			if len(problems) > 0 {
				t.Fatalf("the defaults alone have problems: %v", problems)
			}
			got := FormatRows(defaults.Rows())
			golden.File(t, path, got)
		})
	}
}

// TestGetters reads one property of each kind, given, default and absent.
func TestGetters(t *testing.T) {
	s, problems := Consumer("java", kafka.V(2, 8, 0), []Property{
		{Key: "session.timeout.ms", Value: "6000"},
		{Key: "enable.auto.commit", Value: "FALSE"},
		{Key: "interceptor.classes", Value: "a, b"},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := s.Millis("session.timeout.ms").Milliseconds(); got != 6000 {
		t.Errorf("session.timeout.ms: %d", got)
	}
	if s.Bool("enable.auto.commit") || !s.Bool("check.crcs") {
		t.Error("booleans are not those given or default")
	}
	if diff := cmp.Diff([]string{"a", "b"}, s.List("interceptor.classes")); diff != "" {
		t.Error(diff)
	}
	if s.List("ssl.cipher.suites") != nil || s.String("group.instance.id") != "" || s.Int("retry.backoff.max.ms") != 0 {
		t.Error("null and absent properties must read as nothing")
	}
	if got := s.String("group.protocol"); got != "classic" {
		t.Errorf("before group.protocol there was only classic, got %q", got)
	}
	if !s.Given("session.timeout.ms") || s.Given("heartbeat.interval.ms") {
		t.Error("Given is not what was given")
	}
}

// TestGettersPanic guards against a simulation that reads a misspelt name.
func TestGettersPanic(t *testing.T) {
	s, _ := Broker(kafka.V(4, 1, 0), nil)
	for name, read := range map[string]func(){
		"unknown name": func() { s.Int("session.timeout.ms") },
		"given":        func() { s.Given("session.timeout.ms") },
		"not a number": func() { s.Int("compression.type") },
		"not a bool":   func() { s.Bool("compression.type") },
		"no catalogue": func() { Consumer("pykafka", kafka.V(2, 8, 0), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("did not panic")
				}
			}()
			read()
		})
	}
}

// TestSetNeverChanges: what is handed out or was handed in may be changed by
// its owner without changing the configuration, so copies may share it.
func TestSetNeverChanges(t *testing.T) {
	given := []Property{{Key: "metric.reporters", Value: "a,b"}}
	s, _ := Consumer("java", kafka.V(4, 1, 0), given)
	other := s
	given[0].Value = "c"
	s.List("metric.reporters")[0] = "d"
	s.Rows()[0].Value = "e"
	if diff := cmp.Diff([]string{"a", "b"}, other.List("metric.reporters")); diff != "" {
		t.Error(diff)
	}
}
