package javaasync

import (
	"encoding/base64"
	"encoding/binary"

	"ksim/sim/clock"
)

// newMemberID is Uuid.randomUuid: the client makes its member id itself, a random
// UUID printed in base64, which does not begin with a dash.
func newMemberID(r *clock.Stream) string {
	for {
		var id [16]byte
		binary.BigEndian.PutUint64(id[:8], r.Uint64())
		binary.BigEndian.PutUint64(id[8:], r.Uint64())
		id[6] = id[6]&0x0f | 0x40 // version 4
		id[8] = id[8]&0x3f | 0x80 // variant of RFC 4122
		if text := base64.RawURLEncoding.EncodeToString(id[:]); text[0] != '-' {
			return text
		}
	}
}
