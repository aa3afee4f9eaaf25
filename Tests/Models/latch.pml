/* The sequence count latch of vdso.h, vdso_time_page_t, explored exhaustively:

       spin -search -DSAFETY latch.pml

   Two words stand for a state; they belong together when they are equal. The writer may stop for ever at any step. Stores
   reach the readers one at a time, in the order that the barriers leave: the two words of a copy in either order; so are
   they loaded.
   -DNO_FIRST_STEP, -DNO_SECOND_STEP, -DNO_CHECK and -DNO_READ_BARRIER break the latch; each is found. */

#define UPDATES 3
#define READS 2

byte sequence = 0;
byte first[2] = { 0, 0 };   /* word one of copy 0 and copy 1 */
byte second[2] = { 0, 0 };  /* word two */
byte shown = 0;             /* the newest state that a reader has returned, for order */

inline change(copy, value) {
  if
  :: first[copy] = value; second[copy] = value
  :: second[copy] = value; first[copy] = value
  fi
}

/* TimePage.publish */
active proctype writer() {
  byte value = 1;
  do
  :: value <= UPDATES ->
#ifndef NO_FIRST_STEP
     sequence++;           /* readers turn to copy 1 */
#endif
     change(0, value);
#ifndef NO_SECOND_STEP
     sequence++;           /* readers turn to copy 0 */
#endif
     change(1, value);
     value++
  :: true -> break         /* stops here for ever */
  :: value > UPDATES -> break
  od
}

/* latchBegin, readPage, latchHolds. A read that fails asks the host, which is not modelled. */
active [2] proctype reader() {
  byte s, one, two, before, reads = 0;
#ifdef NO_READ_BARRIER
  byte again;
#endif
  do
  :: reads < READS ->
     before = shown;
     s = sequence;
#ifdef NO_READ_BARRIER
     again = sequence;     /* the load of it overtakes the two before it */
#endif
     if
     :: one = first[s & 1]; two = second[s & 1]
     :: two = second[s & 1]; one = first[s & 1]
     fi;
#ifndef NO_CHECK
     if
#ifdef NO_READ_BARRIER
     :: again == s ->
#else
     :: sequence == s ->
#endif
#endif
        assert(one == two);      /* never torn */
        assert(one >= before);   /* never older than what any reader had returned before the read began */
        if
        :: one > shown -> shown = one
        :: else
        fi
#ifndef NO_CHECK
     :: else
     fi
#endif
     ;
     s = 0; one = 0; two = 0; before = 0;  /* fewer states to tell apart */
     reads++
  :: else -> break
  od
}
