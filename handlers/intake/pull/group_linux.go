package pull

import "syscall"

// dieWithUs ends the program also where we are killed and can end nothing any more.
func dieWithUs(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
