/*
 * A codec that hangs in a picture: preloaded into a decoder (LD_PRELOAD), it keeps each picture that is to be decoded in its thread for as long
 * as the file HUNG_WHILE exists. The sound, and the look at what is in a file, go on.
 */
#include <dlfcn.h>
#include <libavcodec/avcodec.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int is_for_pictures(void) {
    char name[16] = "";
    return pthread_getname_np(pthread_self(), name, sizeof name) == 0 && strcmp(name, "video") == 0;
}

int avcodec_send_packet(AVCodecContext *codec, const AVPacket *packet) {
    const char *flag = getenv("HUNG_WHILE");
    const struct timespec nap = {.tv_nsec = 20 * 1000 * 1000};
    while (is_for_pictures() && flag && access(flag, F_OK) == 0) nanosleep(&nap, NULL);
    return ((__typeof__(&avcodec_send_packet))dlsym(RTLD_NEXT, "avcodec_send_packet"))(codec, packet);
}
