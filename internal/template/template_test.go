package template_test

import (
	"testing"

	"ksim/ksimtest"
)

// TestTemplates: what `ksim new` writes holds as it is.
func TestTemplates(t *testing.T) { ksimtest.Run(t, "files") }
