package truce_test

import (
	"fmt"
	"time"

	"truce"
)

// Four business hours from Friday afternoon end on Monday.
func ExampleCalendar_Deadline() {
	c := truce.NewCalendar(time.UTC)
	friday := time.Date(2026, 2, 27, 15, 0, 0, 0, time.UTC)
	at, ok := c.Deadline(friday, 4*time.Hour)
	fmt.Println(at.Format("Mon 15:04"), ok)
	// Output: Mon 11:00 true
}
