package io.capataz.supervisor.notification;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A notification in somebody's inbox.
 *
 * @param id follows from job and member, so that notifying them again makes no second one
 * @param member whose inbox it is in
 * @param at when they were notified
 * @param read when they marked it as read; null: they have not
 */
@Document("inbox")
public record InboxEntry(
    @Id String id,
    String organization,
    String member,
    String job,
    String subject,
    String body,
    Instant at,
    @Nullable Instant read) {}
