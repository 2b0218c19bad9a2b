package kafka

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"ksim/sim/clock"
)

// UUID is org.apache.kafka.common.Uuid: the id of a topic, or of a member of the
// consumer protocol.
type UUID struct{ Hi, Lo uint64 }

// RandomUUID is a random one (version 4, variant of RFC 4122).
func RandomUUID(r *clock.Stream) UUID {
	hi, lo := r.Uint64(), r.Uint64()
	return UUID{hi&^0xf000 | 0x4000, lo&^(3<<62) | 1<<63}
}

// ParseJavaUUID reads what java.util.UUID prints.
func ParseJavaUUID(text string) (UUID, bool) {
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(b) != 16 {
		return UUID{}, false
	}
	return UUID{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}, true
}

// Bytes is its sixteen bytes, the most significant first.
func (u UUID) Bytes() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, u.Hi), u.Lo)
}

// String is the id as Kafka prints it: 22 characters of URL-safe Base64.
func (u UUID) String() string {
	return base64.RawURLEncoding.EncodeToString(u.Bytes())
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
