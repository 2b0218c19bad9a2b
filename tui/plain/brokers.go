package plain

import (
	"strconv"

	"ksim/sim/trace"
)

// ofBrokers tells what becomes of the brokers and of what they keep; false when the
// event is of something else.
func (p *Writer) ofBrokers(r *row, e *trace.Event) bool {
	broker := "broker " + strconv.Itoa(int(e.Broker))
	switch e.Type {
	case trace.BrokerFailed:
		r.mark, r.after = markCrashed, broker+" is killed (kill -9): every connection to it breaks"
	case trace.BrokerFenced:
		property := p.scenario.Cluster.SessionProperty()
		r.after = "the controller fences " + broker + ": no heartbeat within " + limitWords(property, p.scenario.Cluster.Config.Millis(property))
	case trace.BrokerReturned:
		r.after = broker + " is back"
	case trace.PartitionLeader:
		r.after = broker + " leads " + partitions(e.Partitions) + " now"
		if e.Broker == 0 {
			r.mark, r.after = markRefused, "nobody leads "+partitions(e.Partitions)+": no in-sync replica lives"
		}
	case trace.GroupCoordinator:
		r.after = broker + " coordinates the group now, with what its log has of it"
	case trace.RecordsTruncated:
		r.mark, r.after = markRefused, counted(e.Records, "acknowledged record")+" of "+partitions(e.Partitions)+verb(int(e.Records), " is", " are")+" lost: the new leader, "+broker+", does not have "+verb(int(e.Records), "it", "them")
	case trace.RecordsExpired:
		r.mark, r.after = markRefused, "producers give up "+counted(e.Records, "record")+" of "+partitions(e.Partitions)+": retries or delivery.timeout.ms are over"
	case trace.RecordsDeleted:
		r.after = counted(e.Records, "record") + " of " + partitions(e.Partitions) + verb(int(e.Records), " is", " are") + " deleted (retention)"
	default:
		return false
	}
	return true
}
