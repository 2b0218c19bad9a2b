package broker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/sim/kafka"
	"ksim/sim/share"
)

// playShare plays a share group's requests.
func (w *world) playShare(t *testing.T, d *datadriven.TestData) {
	broker := int32(number(t, argument(t, d, "broker", "1")))
	epoch := int32(number(t, argument(t, d, "epoch", "0")))
	switch d.Cmd {
	case "share-group":
		resets := map[string]ShareReset{"latest": ResetLatest, "earliest": ResetEarliest, "ago": ResetAgo}
		w.c.ConfigureShare("g", ShareConfig{
			Settings: share.Settings{DeliveryLimit: int(number(t, argument(t, d, "limit", "5"))), LockDuration: duration(t, argument(t, d, "lock", "30s")), MaxInFlight: number(t, argument(t, d, "most", "2000"))},
			Reset:    resets[argument(t, d, "reset", "latest")], Ago: duration(t, argument(t, d, "ago", "0s")),
		})
	case "share-fetch":
		w.fetches++
		w.c.ShareFetch(w, w.now, broker, w.fetches, &kafka.ShareFetchRequest{
			Group: "g", MemberID: d.CmdArgs[0].Key, SessionEpoch: epoch, MaxWait: duration(t, argument(t, d, "max-wait", "500ms")),
			MaxBytes: number(t, argument(t, d, "max-bytes", "1000000")), MaxRecords: number(t, argument(t, d, "max-records", "500")),
			Partitions: kafka.DecodeAssignment(strings.Join(strings.Fields(d.Input), ",")),
		})
	case "share-ack":
		w.fetches++
		w.c.ShareAcknowledge(w, w.now, broker, w.fetches, &kafka.ShareAcknowledgeRequest{
			Group: "g", MemberID: d.CmdArgs[0].Key, SessionEpoch: epoch, Acknowledgements: acknowledgements(t, d.Input),
		})
	case "share-gone":
		w.c.ShareDisconnected(w, w.now, "g", d.CmdArgs[0].Key)
	case "share-offsets":
		start, completed, ok := w.c.ShareOffsets(w.now, "g", kafka.DecodeAssignment(d.CmdArgs[0].Key)[0])
		fmt.Fprintf(&w.out, "from %d, %d completed, known %t\n", start, completed, ok)
	}
}

// acknowledgements reads lines of `accept t-0 0 5`.
func acknowledgements(t *testing.T, input string) (acks []kafka.ShareAcknowledgement) {
	types := map[string]kafka.AcknowledgeType{"accept": kafka.AcknowledgeAccept, "release": kafka.AcknowledgeRelease,
		"reject": kafka.AcknowledgeReject, "renew": kafka.AcknowledgeRenew, "gap": kafka.AcknowledgeGap}
	for _, line := range strings.Split(strings.TrimSpace(input), "\n") {
		if f := strings.Fields(line); len(f) == 4 {
			acks = append(acks, kafka.ShareAcknowledgement{TopicPartition: kafka.DecodeAssignment(f[1])[0], From: number(t, f[2]), To: number(t, f[3]), Type: types[f[0]]})
		}
	}
	return acks
}

// shareText writes an answer to a share group's request, "" for others.
func shareText(r kafka.Response) string {
	var b strings.Builder
	var acknowledged []kafka.ShareAcknowledged
	switch r := r.(type) {
	case *kafka.ShareFetchResponse:
		fmt.Fprintf(&b, " %s", r.Err)
		acknowledged = r.Acknowledged
		for _, x := range r.Partitions {
			if x.Err != kafka.ErrNone {
				fmt.Fprintf(&b, " %s %s", x.TopicPartition, x.Err)
				continue
			}
			fmt.Fprintf(&b, " %s[%d,%d) of %d bytes, delivery %d", x.TopicPartition, x.From, x.To, x.Size, x.DeliveryCount)
		}
	case *kafka.ShareAcknowledgeResponse:
		fmt.Fprintf(&b, " %s", r.Err)
		acknowledged = r.Acknowledged
	}
	for _, a := range acknowledged {
		fmt.Fprintf(&b, " acknowledged %s %s", a.TopicPartition, a.Err)
	}
	return b.String()
}
