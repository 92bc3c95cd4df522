#pragma once

#include <array>
#include <cstdint>

namespace espial::sim {

/// Seeds under which draw_scenario() once broke a promise. A test runs each of them again; whoever
/// finds another one adds it here, with what it was. A seed draws another scenario when the drawing
/// changes, so the fault behind each has a test of its own too, beside what was mended.
inline constexpr std::array<std::uint64_t, 49> kFailedSeeds{
    3,     // the age of a report in parts counted from when it was taken up, not from when it was
           // heard
    12,    // a key that its hub could not confirm in time made no pairs after a restart
    53,    // a module whose next key was not stored lost its place, and another got its module ID
    61,    // a gateway's table that is smaller than its sleepers
    71,    // a board at an S0 server lost count of a reading that was overtaken while it failed
    81,    // the same as 3
    96,    // held back until its board had lost power: the checker's fault, who forgot that case
    100,   // a sleeper's commands had no end: the simulated one said nothing when it woke
    174,   // reports whose age was open went out before the time was known, after a long search
    358,   // a frame at QoS 0 that failed kept a sleeper awake for ever
    372,   // the same
    437,   // a sleeper passed over its own gateway when that had moved
    488,   // a configuration was kept, and the interval that it stands for was not
    504,   // the same as 1939
    619,   // a module whose next key was not stored was recorded without any
    738,   // an S0 server and a board sent each other's ping back for ever
    849,   // the same as 437
    878,   // the same as 12
    1021,  // a change of the network key left out a module that had proved no key yet
    1084,  // the same as 437
    1102,  // the same as 437
    1187,  // a configuration was said three times, and then to nobody who did not ask for the time
    1939,  // a module of S0's whose answer was damaged went on for ever with functions of nobody's
    2303,  // a press of a board that had lost its channel stayed due for ever: time stood still
    2500,  // refused while a question was due: time stood still until the pause was over
    2588,  // eight commands that nobody cleared kept new ones out of a gateway
    4288,  // a hub worked off held JOINs, each too late, and so came too late for the next
    4768,  // the same as 1187
    4886,  // answers to a hasty button took all of a lamp's air: no report had a turn
    5056,  // an S0 server's answer was damaged: no functions, another channel, and the board stayed
           // there
    5385,  // two hasty buttons, hardly ever without a press under way: the checker's fault, who
           // wanted the newest of both to have ended
    6908,  // held back while its board followed a gateway that is none: the checker's fault, who
           // took that for a wrong time
    7303,  // held by a gateway, an old word confirmed a configuration that was wanted again
    7743,  // the same as 1187
    4230,  // a router moved its gateway by one channel, and a board stayed on the former one, where
           // it was still heard now and then
    5083,  // a damaged answer had said that a gateway takes long bodies: a report that needs
           // several of them never came
    5115,  // the same as 7844, through acknowledgements that came unasked
    7844,  // commands through the right gateway kept a board at a false one
    9492,  // revoked before it proved a key, and the network key changed twice since: the network's
           // fault, which changes a key only when all have followed
    20039,   // a command waited a minute, and each time its gateway had forgotten the board
    21849,   // the same as 7844
    24394,   // held back by a forger who changed nothing that a seal covers: the checker's fault,
             // who took that for a wrong time
    47631,   // a gateway took no long bodies though a damaged answer had said so: a long report
             // never came, and all else did
    51263,   // an answer to a board's description was taken for that to the next one, which was due
             // and never said
    51584,   // a reset tore a sleeper's record: its clock counted on from the one before, and it
             // executed what had expired
    59440,   // a sleeper that had lost its clock believed an answer that had waited at its gateway
    120420,  // an S0 server's answer was damaged in the numbers of two functions, and nobody missed
             // what the board measured: the simulated people's fault
    124235,  // revoked before its new owner had opened anything of it, and the next session had the
             // same number: the checker's fault, who took that for a repeat
    180655,  // its gateway had forgotten a board again and again, and the acknowledgement that
             // waited there was the one after that which asked for a new key
};

}  // namespace espial::sim
