package stats_test

import (
	"fmt"

	"truce/schedules/stats"
)

// 3 of 22 is 14 %, and what is known of it is this.
func ExampleWilson() {
	i := stats.Wilson(3, 22)
	fmt.Printf("%.0f to %.0f %%\n", 100*i.Low, 100*i.High)
	// Output: 5 to 33 %
}
