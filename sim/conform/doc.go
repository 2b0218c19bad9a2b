// Package conform holds ksim against recordings of a real broker and real
// clients: its tests run each recorded scenario and compare the trace with what
// was observed, event by event, and the words of the log lines kind by kind.
//
// testdata/NAME.yaml is a scenario, NAME.obs.jsonl what was observed in trace
// vocabulary, NAME.raw.jsonl.gz everything that client and broker logged, and
// floor.txt how well two recordings of one scenario agree with each other.
package conform
