package assign

import (
	"testing"

	"ksim/internal/golden"
)

func TestMain(m *testing.M) { golden.Main(m) }
