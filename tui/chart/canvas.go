package chart

import "strings"

// canvas is a grid of dots drawn with characters: two by four dots a character
// in braille, one by four in ASCII.
type canvas struct {
	columns, lines int
	dotsX, dotsY   int
	ascii          bool
	bits           []uint8 // by character, top row first
}

// brailleBit is a dot's bit in a braille character, by column and by row from
// the bottom (Unicode block U+2800).
var brailleBit = [2][4]uint8{{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}}

// asciiDot stands for the highest dot of a column of four, from the bottom.
var asciiDot = [4]byte{'.', '-', '-', '\''}

func newCanvas(columns, lines int, ascii bool) *canvas {
	c := &canvas{columns: columns, lines: lines, dotsX: 2 * columns, dotsY: 4 * lines, ascii: ascii}
	if ascii {
		c.dotsX = columns
	}
	c.bits = make([]uint8, columns*lines)
	return c
}

// upright draws the dots from low to high in column x. Dots count from 1, the
// lowest; 0 is the axis below the canvas, which is drawn already.
func (c *canvas) upright(x, low, high int) {
	for y := max(low, 1); y <= high; y++ {
		line := c.lines - 1 - (y-1)/4
		if c.ascii {
			c.bits[line*c.columns+x] |= 1 << ((y - 1) % 4)
			continue
		}
		c.bits[line*c.columns+x/2] |= brailleBit[x%2][(y-1)%4]
	}
}

// rows gives the lines of text, the top one first.
func (c *canvas) rows() []string {
	rows := make([]string, c.lines)
	for i := range rows {
		var b strings.Builder
		for _, bits := range c.bits[i*c.columns : (i+1)*c.columns] {
			b.WriteString(c.glyph(bits))
		}
		rows[i] = b.String()
	}
	return rows
}

func (c *canvas) glyph(bits uint8) string {
	switch {
	case bits == 0:
		return " "
	case !c.ascii:
		return string(rune(0x2800) + rune(bits))
	case bits == 0xf:
		return "|"
	}
	for y := 3; ; y-- {
		if bits&(1<<y) != 0 {
			return string(asciiDot[y])
		}
	}
}
