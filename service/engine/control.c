/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

enum { CHUNK = 16384 };

struct control_client {
    struct loop_source source;
    struct control *control;
    struct control_client *next, **link;
    struct uapi uapi;
    char line[UAPI_LINE_MAX];
    size_t line_len;
    struct text answer;
    size_t answered; /* bytes of answer that were sent */
    uint32_t events; /* waited for */
};

static void
free_client(struct control_client *client)
{
    struct control *control = client->control;

    loop_remove(control->loop, &client->source);
    wgw_fd_close(&client->source.fd);
    uapi_end(&client->uapi);
    text_clear(&client->answer);
    explicit_bzero(client->line, sizeof client->line);
    *client->link = client->next;
    if (client->next)
        client->next->link = client->link;
    if (control->client_count-- == CONTROL_CLIENTS)
        loop_change(control->loop, &control->source, EPOLLIN);
    free(client);
}

/* Wait for what the client has to do next: to take the answer before it may ask again, so that what it has not
 * read is never more than one answer. */
static int
wait_for(struct control_client *client, uint32_t events)
{
    if (client->events == events)
        return 0;
    client->events = events;
    return loop_change(client->control->loop, &client->source, events);
}

static int
send_answer(struct control_client *client)
{
    struct text *answer = &client->answer;

    if (answer->has_failed)
        return -ENOMEM;
    while (client->answered < answer->len) {
        ssize_t n = send(client->source.fd, answer->data + client->answered,
                         answer->len - client->answered, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0)
            return errno == EAGAIN ? wait_for(client, EPOLLOUT) : -errno;
        client->answered += (size_t)n;
    }
    text_clear(answer);
    client->answered = 0;
    return wait_for(client, EPOLLIN);
}

/* Bytes up to the end of a request, or all of them. How many, or -EPROTO. */
static ssize_t
take_bytes(struct control_client *client, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\n') {
            if (client->line_len == sizeof client->line - 1 || bytes[i] == '\0')
                return -EPROTO;
            client->line[client->line_len++] = bytes[i];
            continue;
        }
        client->line[client->line_len] = '\0';
        client->line_len = 0;
        if (uapi_line(&client->uapi, client->line, &client->answer) < 0)
            return -EPROTO;
        if (client->answer.len > 0 || client->answer.has_failed)
            return (ssize_t)i + 1;
    }
    return (ssize_t)len;
}

/* What lies behind the end of a request stays in the socket until its answer is taken. */
static int
read_request(struct control_client *client)
{
    char bytes[CHUNK];
    ssize_t n = recv(client->source.fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_PEEK), taken;

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    taken = n == 0 ? -EPIPE : take_bytes(client, bytes, (size_t)n);
    if (taken > 0 && recv(client->source.fd, bytes, (size_t)taken, MSG_DONTWAIT) != taken)
        taken = -EIO;
    explicit_bzero(bytes, (size_t)n);
    if (taken < 0)
        return (int)taken;
    return client->answer.len > 0 || client->answer.has_failed ? send_answer(client) : 0;
}

static void
client_ready(struct loop_source *source, uint32_t events)
{
    struct control_client *client = loop_container(source, struct control_client, source);
    int r;

    if (client->answer.len > 0)
        r = events & EPOLLOUT ? send_answer(client) : -EPIPE;
    else
        r = read_request(client);
    if (r < 0)
        free_client(client);
}

static void
listener_ready(struct loop_source *source, uint32_t events)
{
    struct control *control = loop_container(source, struct control, source);
    struct control_client *client;
    WGW_AUTOCLOSE int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    client = calloc(1, sizeof *client);
    if (!client)
        return;
    client->source = (struct loop_source){.fd = fd, .ready = client_ready};
    client->events = EPOLLIN;
    client->control = control;
    client->uapi = (struct uapi){.host = control->host, .access = control->access};
    if (loop_add(control->loop, &client->source, EPOLLIN) < 0) {
        free(client);
        return;
    }
    wgw_fd_steal(&fd);
    client->next = control->clients;
    client->link = &control->clients;
    if (client->next)
        client->next->link = &client->next;
    control->clients = client;
    if (++control->client_count == CONTROL_CLIENTS)
        loop_change(control->loop, source, 0);
}

int
control_init(struct control *control,
             struct loop *loop,
             const struct uapi_host *host,
             enum uapi_access access,
             int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    *control = (struct control){
        .source = {.fd = fd, .ready = listener_ready},
        .loop = loop,
        .host = host,
        .access = access,
    };
    return loop_add(loop, &control->source, EPOLLIN);
}

void
control_clear(struct control *control)
{
    while (control->clients)
        free_client(control->clients);
    loop_remove(control->loop, &control->source);
    wgw_fd_close(&control->source.fd);
}
