package kafka

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
)

// UUID is org.apache.kafka.common.Uuid: the id of a topic, or of a member of the
// consumer protocol.
type UUID struct{ Hi, Lo uint64 }

// String is the id as Kafka prints it: 22 characters of URL-safe Base64.
func (u UUID) String() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], u.Hi)
	binary.BigEndian.PutUint64(b[8:], u.Lo)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// HashCode is Uuid.hashCode, on which the order of Kafka's maps by topic hangs.
func (u UUID) HashCode() int32 {
	x := u.Hi ^ u.Lo
	return int32(uint32(x>>32) ^ uint32(x))
}

// Compare orders as Uuid.compareTo: both halves as signed numbers.
func (u UUID) Compare(o UUID) int {
	return cmp.Or(cmp.Compare(int64(u.Hi), int64(o.Hi)), cmp.Compare(int64(u.Lo), int64(o.Lo)))
}
