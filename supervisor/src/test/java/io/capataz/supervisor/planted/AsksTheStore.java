package io.capataz.supervisor.planted;

import org.springframework.data.mongodb.core.MongoOperations;

record AsksTheStore(MongoOperations mongo) {}
