/* Start-up of Cortex-M firmware under QEMU: vectors, FPU and Helium on, then thimble_host. Also the one place that
 * calls the network: on its own stack, so that its use is measured from the top. */
    .syntax unified
    .thumb

    .section .vectors, "a"
    .word thimble_host_stack_end
    .word thimble_reset
    .rept 14
    .word thimble_fault
    .endr

    .section .host_text, "ax"
    .thumb_func
    .globl thimble_reset
    .type thimble_reset, %function
thimble_reset:
    ldr r1, =0xE000ED88 /* CPACR: full access to coprocessors 10 and 11 */
    ldr r0, [r1]
    ldr r2, =0x00F00000
    orrs r0, r2
    str r0, [r1]
    dsb
    isb
    bl thimble_host
    .size thimble_reset, . - thimble_reset

/* Every exception but reset. The core has pushed r0-r3, r12, lr, pc, xPSR where sp points to; ours is the stack of
 * the host part, as that one may be the trouble. */
    .thumb_func
    .globl thimble_fault
    .type thimble_fault, %function
thimble_fault:
    mov r0, sp
    ldr r1, =thimble_host_stack_end
    mov sp, r1
    bl thimble_host_fault
    .size thimble_fault, . - thimble_fault

/* int thimble_call(const void *arena): NAME_run(arena) with the stack pointer at the end of .stack. The counting plugin
 * measures from the first instruction of NAME_run up to, not including, thimble_returned. */
    .thumb_func
    .globl thimble_call
    .type thimble_call, %function
thimble_call:
    push {r4, lr}
    mov r4, sp
    ldr r1, =thimble_stack_end
    mov sp, r1
    bl THIMBLE_RUN
    .globl thimble_returned
thimble_returned:
    mov sp, r4
    pop {r4, pc}
    .size thimble_call, . - thimble_call
    .ltorg

    .section .bss.thimble_host_stack, "aw", %nobits
    .balign 16
    .space 1024
thimble_host_stack_end:
